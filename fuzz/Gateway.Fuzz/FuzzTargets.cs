using Xmtp.Gateway.Fuzz.Targets;

namespace Xmtp.Gateway.Fuzz;

/// <summary>All targets.</summary>
public static class FuzzTargets
{
    /// <summary>One of each.</summary>
    public static IReadOnlyList<IFuzzTarget> All { get; } =
    [
        new EnvelopeTarget(),
        new OriginatorEnvelopeTarget(),
        new MlsFramingTarget(),
        new ConnectJsonTarget(),
        new GrpcFrameTarget(),
        new GzipTarget(),
        new CallTimeoutTarget(),
        new JwtTarget(),
        new ForwardedForTarget(),
        new AbiTarget(),
        new ContractDataTarget(),
        new RlpTarget(),
        new RpcAnswerTarget(),
        new NodeFramesTarget(),
    ];

    /// <summary>The target of a name; null when there is none.</summary>
    public static IFuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
