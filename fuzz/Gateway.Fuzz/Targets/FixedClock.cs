namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>It is always the same moment, so that an input has the same result whenever it is run.</summary>
internal sealed class FixedClock : TimeProvider
{
    public static DateTimeOffset Now { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => 1_000_000;
}
