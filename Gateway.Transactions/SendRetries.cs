namespace Xmtp.Gateway.Transactions;

/// <summary>
/// The remaining send attempts of one envelope when endpoints refuse it for its nonce or price, over all nonces; and
/// the delay before each attempt but the first.
/// </summary>
internal sealed class SendRetries(AppChainTransactionOptions options, TimeProvider time)
{
    private int _left = options.MaxAttempts;
    private TimeSpan _pause = options.RetryDelay;

    /// <summary>Whether no attempts remain.</summary>
    internal bool AreOver => _left <= 0;

    /// <summary>Counts a refused attempt, and waits before the next one.</summary>
    /// <returns>Whether another attempt remains.</returns>
    internal async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        if (--_left <= 0) return false;
        var wait = _pause;
        _pause *= 2;
        await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
