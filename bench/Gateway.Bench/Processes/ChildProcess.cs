using System.Collections.Concurrent;
using System.Diagnostics;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>A process that the benchmark started, and ends by its id.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int LinesKept = 40;
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromMinutes(1);
    private readonly Process process;
    private readonly string name;
    private readonly ConcurrentQueue<string> lastLines = new();

    private ChildProcess(string name, Process process) => (this.name, this.process) = (name, process);

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>Starts it.</summary>
    public static ChildProcess Start(string name, ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        var child = new ChildProcess(name, Process.Start(start) ?? throw new BenchFailure($"{name} did not start"));
        child.process.ErrorDataReceived += (_, line) => child.Keep(line.Data);
        child.process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for the line <c>ready …</c>.</summary>
    /// <returns>What follows that word.</returns>
    public async Task<string> WaitForReadyAsync(CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(MaxStartTime);
        try
        {
            while (await ReadLineAsync(late.Token) is { } line)
                if (line.StartsWith("ready", StringComparison.Ordinal)) return line["ready".Length..].Trim();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchFailure($"{name} was not ready after a minute:\n{LastLines}");
        }
        throw new BenchFailure($"{name} ended before it was ready:\n{LastLines}");
    }

    /// <summary>What it said last, for an error message.</summary>
    public string LastLines => string.Join('\n', lastLines);

    /// <summary>The next line that it prints; null at the end.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        Keep(line);
        return line;
    }

    /// <summary>Sends it a line.</summary>
    public Task WriteLineAsync(string line) => process.StandardInput.WriteLineAsync(line);

    /// <summary>Reads away what it prints from now on, so that a full pipe never stops it.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (await ReadLineAsync(cancellationToken) is not null) { }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lastLines.Enqueue(line);
        while (lastLines.Count > LinesKept) lastLines.TryDequeue(out _);
    }
}
