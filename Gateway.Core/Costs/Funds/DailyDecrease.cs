namespace Xmtp.Gateway.Costs.Funds;

/// <summary>How much a balance decreased within the last 24 hours, by its readings. Deposits are not subtracted.</summary>
/// <remarks>Includes what others spend from the same fund, such as other replicas. Bounded; its owner locks.</remarks>
internal sealed class DailyDecrease
{
    private static readonly TimeSpan RetentionPeriod = TimeSpan.FromHours(24);
    private const int MaxReadings = 2_000;

    private readonly Queue<(DateTimeOffset At, Int128 Amount)> _decreases = new();
    private DateTimeOffset? _since;
    private Int128 _last;

    /// <param name="balance">The current balance.</param>
    /// <param name="at">When it was read.</param>
    /// <param name="takenOut">How much of the last balance was withdrawn since, rather than spent.</param>
    internal void Learn(Int128 balance, DateTimeOffset at, Int128 takenOut = default)
    {
        _last -= takenOut;
        if (_since is not null && balance < _last) _decreases.Enqueue((at, _last - balance));
        _since = _since ?? at;
        _last = balance;
        while (_decreases.Count > MaxReadings || (_decreases.Count > 0 && at - _decreases.Peek().At > RetentionPeriod))
            _decreases.Dequeue();
    }

    /// <summary>The decrease, and the period that it covers: at most 24 hours.</summary>
    internal (Int128 Spent, TimeSpan Watched) Sum(DateTimeOffset at)
    {
        var watched = _since is { } first && at > first ? at - first : TimeSpan.Zero;
        return (_decreases.Aggregate(Int128.Zero, (sum, one) => sum + one.Amount), watched < RetentionPeriod ? watched : RetentionPeriod);
    }
}
