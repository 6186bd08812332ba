namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>The machine's clock, moved ahead: who reads it sees a later time. Timers run as they do.</summary>
public sealed class MovedClock : TimeProvider
{
    private long _ahead;

    /// <summary>Moves it further ahead.</summary>
    public void Move(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);

    private TimeSpan Ahead => TimeSpan.FromTicks(Interlocked.Read(ref _ahead));
}
