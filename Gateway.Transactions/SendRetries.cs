namespace Xmtp.Gateway.Transactions;

/// <summary>
/// How often one envelope may still be offered to endpoints that refuse it for its nonce or price, at whatever nonce;
/// and the wait before each time but the first.
/// </summary>
internal sealed class SendRetries(AppChainTransactionOptions options, TimeProvider time)
{
    private int _left = options.MaxTries;
    private TimeSpan _pause = options.RetryDelay;

    /// <summary>Whether there is another.</summary>
    internal bool AreOver => _left <= 0;

    /// <summary>An endpoint refused it: waits for the next attempt.</summary>
    /// <returns>Whether there is one.</returns>
    internal async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        if (--_left <= 0) return false;
        var wait = _pause;
        _pause *= 2;
        await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
