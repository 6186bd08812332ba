namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>The machine's clock with a later date. What measures spans of time, and timers, go on as they did.</summary>
public sealed class MovedDate : TimeProvider
{
    private long _ahead;

    /// <summary>Moves the date further ahead.</summary>
    public void Move(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));
}
