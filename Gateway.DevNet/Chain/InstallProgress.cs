namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>Shows how far an installation by npm is, by the size of its folder: one line with a bar for each tenth.</summary>
internal sealed class InstallProgress : IAsyncDisposable
{
    private const int Tenths = 10;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ended = new();
    private readonly Task _showing;

    /// <summary>Shows it until it is disposed.</summary>
    /// <param name="folder">The folder that grows.</param>
    /// <param name="megabytes">About how large it becomes; an estimate.</param>
    /// <param name="progress">Receives the lines.</param>
    public InstallProgress(string folder, int megabytes, Action<string> progress) => _showing = ShowAsync(folder, megabytes, progress);

    /// <summary>A bar of ten signs, for 0 to 10 tenths.</summary>
    internal static string Bar(int tenths, int megabytes) =>
        $"  [{new string('#', tenths)}{new string('-', Tenths - tenths)}] {tenths * 100 / Tenths}% of about {megabytes} MB";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _showing;
        _ended.Dispose();
    }

    private async Task ShowAsync(string folder, int megabytes, Action<string> progress)
    {
        var shown = 0;
        using var timer = new PeriodicTimer(Every);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token))
            {
                // It says that it is done when it is.
                var tenths = (int)Math.Min(Tenths - 1, SizeOf(folder) * Tenths / (megabytes * 1_000_000L));
                if (tenths <= shown) continue;
                progress(Bar(shown = tenths, megabytes));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    // npm moves and removes files meanwhile.
    private static long SizeOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
