using System.Text.Json.Serialization;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>What one server did in one case: medians over the rounds.</summary>
/// <param name="PublishesPerSecond">Envelopes that were answered.</param>
/// <param name="CpuMicroseconds">The server's processor time a publish, user and kernel.</param>
/// <param name="AllocatedBytes">What the server allocated on the managed heap a publish; 0 when not measured.</param>
/// <param name="P50Milliseconds">Median time of a call.</param>
/// <param name="P99Milliseconds">99th percentile of the same.</param>
/// <param name="RedisCpuMicroseconds">The processor time of the server's Redis a publish; 0 when not measured.</param>
internal sealed record ServerFigures(
    double PublishesPerSecond,
    double CpuMicroseconds,
    double AllocatedBytes,
    double P50Milliseconds,
    double P99Milliseconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double RedisCpuMicroseconds = 0);
