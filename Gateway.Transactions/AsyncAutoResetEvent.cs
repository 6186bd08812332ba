namespace Xmtp.Gateway.Transactions;

/// <summary>Wakes one waiter. A signal sent before the wait is kept; several such signals count as one.</summary>
internal sealed class AsyncAutoResetEvent : IDisposable
{
    private readonly SemaphoreSlim _signal = new(0, 1);

    internal void Set()
    {
        // An exception costs more than a look.
        if (_signal.CurrentCount > 0) return;
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already set.
        }
    }

    /// <summary>Waits for a signal, at most for <paramref name="max"/>.</summary>
    internal async ValueTask WaitAsync(TimeSpan max, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(max, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        await _signal.WaitAsync(linked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Waits for a signal.</summary>
    internal Task WaitAsync(CancellationToken cancellationToken) => _signal.WaitAsync(cancellationToken);

    public void Dispose() => _signal.Dispose();
}
