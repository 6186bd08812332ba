namespace Xmtp.Gateway.Transactions;

/// <summary>
/// How often replacements of one pending transaction are sent while endpoints refuse them as underpriced: at first as
/// often as an envelope is sent, then once per pause.
/// </summary>
/// <remarks>Used by the transaction's monitor only. The pauses double up to 16 lookup intervals.</remarks>
internal sealed class ReplacementRetries(AppChainTransactionOptions options, TimeProvider time)
{
    private const int MaxPauseFactor = 16;

    private SendRetries _retries = new(options, time);
    private TimeSpan _pause;
    private long _since;

    /// <summary>Whether nothing is sent now.</summary>
    internal bool ArePaused => _pause > TimeSpan.Zero && time.GetElapsedTime(_since) < _pause;

    /// <summary>Counts a refused replacement, and waits before the next one.</summary>
    /// <returns>Whether another one may be sent now; false begins a pause.</returns>
    internal async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        if (await _retries.NextAsync(cancellationToken).ConfigureAwait(false)) return true;
        Pause();
        return false;
    }

    /// <summary>Begins a pause.</summary>
    internal void Pause()
    {
        var last = _pause > TimeSpan.Zero ? _pause : options.LookupInterval;
        _pause = DoublingPause.After(last, options.LookupInterval * MaxPauseFactor);
        _since = time.GetTimestamp();
    }

    /// <summary>An endpoint accepted a replacement.</summary>
    internal void Reset()
    {
        _retries = new SendRetries(options, time);
        _pause = TimeSpan.Zero;
    }
}
