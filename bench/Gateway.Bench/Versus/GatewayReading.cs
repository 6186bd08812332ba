using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Servers;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>What a gateway, its Redis and its endpoints have counted up to a moment.</summary>
/// <param name="At">The moment, as a timestamp.</param>
/// <param name="Cpu">The processor time of the gateway.</param>
/// <param name="RedisCpu">That of its Redis.</param>
/// <param name="AppChain">The requests to the App Chain.</param>
/// <param name="SettlementChain">Those to the settlement chain.</param>
internal sealed record GatewayReading(
    long At,
    TimeSpan Cpu,
    TimeSpan RedisCpu,
    IReadOnlyDictionary<string, long> AppChain,
    IReadOnlyDictionary<string, long> SettlementChain)
{
    private const double BytesPerMebibyte = 1024 * 1024;

    /// <summary>Reads it.</summary>
    /// <exception cref="BenchFailure">The gateway has ended.</exception>
    public static async Task<GatewayReading> ReadAsync(VersusGateway gateway)
    {
        var process = gateway.Server.Process;
        if (process.HasExited) throw new BenchFailure($"{process.Name} ended:\n{await process.LastLinesAsync()}");
        return new(
            TimeProvider.System.GetTimestamp(),
            CpuOf(process.Id),
            gateway.Server.RedisId > 0 ? CpuOf(gateway.Server.RedisId) : default,
            gateway.AppChain.Counts.Read(),
            gateway.SettlementChain.Counts.Read());
    }

    /// <summary>The processor time of a process.</summary>
    public static TimeSpan CpuOf(int process)
    {
        using var clock = new CpuClock(process);
        return clock.Read();
    }

    /// <summary>The memory of a process in RAM, in MiB.</summary>
    /// <exception cref="BenchFailure">It has ended.</exception>
    public static double MebibytesOf(int process) =>
        (ProcessFigures.Read(process) ?? throw new BenchFailure("a process that is measured has ended")).ResidentBytes / BytesPerMebibyte;

    /// <summary>The requests since another reading, divided by a number.</summary>
    public RpcUse RequestsSince(GatewayReading before, double divisor) => new(
        RpcCounts.Between(before.AppChain, AppChain, divisor), RpcCounts.Between(before.SettlementChain, SettlementChain, divisor));
}
