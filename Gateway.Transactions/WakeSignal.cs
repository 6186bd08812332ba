namespace Xmtp.Gateway.Transactions;

/// <summary>Wakes one waiter. Signals before the wait count once; several are one.</summary>
internal sealed class WakeSignal : IDisposable
{
    private readonly SemaphoreSlim bell = new(0, 1);

    internal void Set()
    {
        try
        {
            bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is set already.
        }
    }

    /// <summary>Waits for a signal, or for so long.</summary>
    internal async ValueTask WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(longest, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        await bell.WaitAsync(both.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => bell.Dispose();
}
