using System.Runtime.InteropServices;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>Everything that <c>publish</c> measured; with <c>--json</c> it is printed as it is.</summary>
/// <param name="Ratio">(proxy + signature + hash) / gateway, in CPU a publish, at 64 callers with one envelope a call.</param>
/// <param name="RatioVerifyingAll">The same for a gateway that checks every answer's signature; null when it was not measured.</param>
/// <param name="Curve">One signature and one hash.</param>
/// <param name="Cases">Each number of callers and of envelopes a call.</param>
/// <param name="HalfRate">Both servers at half of the gateway's highest rate.</param>
/// <param name="Allocations">What a publish allocates, by the envelope's size.</param>
/// <param name="Machine">Where it ran.</param>
internal sealed record PublishReport(
    double Ratio,
    double? RatioVerifyingAll,
    CurveCost Curve,
    IReadOnlyList<PublishCase> Cases,
    HalfRate HalfRate,
    IReadOnlyList<Allocation> Allocations,
    MachineShape Machine)
{
    /// <summary>The case that makes the ratio.</summary>
    public PublishCase Headline() => Cases.Single(one => one is { Callers: 64, EnvelopesPerCall: 1 });
}

/// <summary>One line of the table.</summary>
internal sealed record PublishCase(int Callers, int EnvelopesPerCall, ServerFigures Gateway, ServerFigures Proxy);

/// <summary>What waiting is like below the highest rate; calls come at a fixed rate.</summary>
internal sealed record HalfRate(double CallsPerSecond, ServerFigures Gateway, ServerFigures Proxy)
{
    /// <summary>The gateway's p99 in proxies' p99.</summary>
    public double P99Ratio => Gateway.P99Milliseconds / Proxy.P99Milliseconds;
}

/// <summary>Bytes on the managed heap a publish.</summary>
internal sealed record Allocation(int EnvelopeBytes, double GatewayBytes, double ProxyBytes);

/// <summary>What the figures depend on.</summary>
internal sealed record MachineShape(int Processors, string Architecture, string System, string Runtime)
{
    /// <summary>This machine.</summary>
    public static MachineShape Here() => new(
        Environment.ProcessorCount,
        RuntimeInformation.ProcessArchitecture.ToString(),
        OperatingSystem.IsLinux() ? "Linux" : OperatingSystem.IsMacOS() ? "macOS" : "Windows",
        RuntimeInformation.FrameworkDescription);

    public override string ToString() => $"{Processors} processors, {Architecture}, {System}, {Runtime}";
}
