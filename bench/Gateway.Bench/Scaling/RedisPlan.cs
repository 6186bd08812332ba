namespace Xmtp.Gateway.Bench.Scaling;

/// <summary>How long everything is measured.</summary>
/// <param name="RestSeconds">Without any call.</param>
/// <param name="RampSeconds">With calls, before the figures count.</param>
/// <param name="Seconds">With calls.</param>
/// <param name="CommitSeconds">With commits.</param>
internal sealed record RedisPlan(double RestSeconds, double RampSeconds, double Seconds, double CommitSeconds)
{
    /// <summary>The numbers of gateways that share a Redis.</summary>
    public static IReadOnlyList<int> Gateways { get; } = [1, 2, 3];

    /// <summary>The callers of each gateway: one after the other, and as many as keep it busy.</summary>
    public static IReadOnlyList<int> Callers { get; } = [1, 64];

    /// <summary>About twelve minutes.</summary>
    public static RedisPlan Full { get; } = new(8, 4, 8, 60);

    /// <summary>About four minutes.</summary>
    public static RedisPlan Quick { get; } = new(2, 1, 2, 12);
}
