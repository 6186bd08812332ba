using Grpc.Core;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork.Coalescing;

/// <summary>Which publishes may share a call to a node.</summary>
/// <remarks>
/// Not those that the node may refuse, since it refuses a call entirely: of a caller whose envelopes it refused within the
/// last minute, with dependencies that it may not have seen, with a key package, which it asks another service about.
/// Nor those with less than a second left, since a call has the least timeout of its publishes.
/// </remarks>
internal sealed class SharingRules
{
    /// <summary>The max size of a shared call, in bytes, with its gRPC header: proxies in front of nodes often allow 1 MiB.</summary>
    internal const int MaxSize = (1024 * 1024) - NodePublishContent.HeaderSize;

    private static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);

    private readonly RefusedCallers _refused;
    private readonly Func<IReadOnlyList<ParsedEnvelope>, bool> _areAcceptable;
    private readonly Func<IReadOnlyList<ParsedEnvelope>, bool> _areCovered;

    internal SharingRules(int maxEnvelopes, TimeProvider time)
    {
        MaxEnvelopes = maxEnvelopes;
        _refused = new RefusedCallers(time);
        _areAcceptable = AreAcceptable;
        _areCovered = AreCovered;
    }

    /// <summary>The max number of envelopes in a shared call.</summary>
    internal int MaxEnvelopes { get; }

    /// <summary>What the node is known to have seen.</summary>
    internal SeenCommits Seen { get; } = new();

    /// <summary>Whether a publish may share a call.</summary>
    /// <param name="publish">The publish.</param>
    /// <param name="caller">Its caller; null when it has to have a call of its own.</param>
    internal bool MayShare(NodePublish publish, ClientIdentity? caller) =>
        caller is not null
            && publish.Count < MaxEnvelopes
            && publish.Size < MaxSize
            && publish.Timeout >= MinTimeout
            && !_refused.Contains(caller)
            && publish.Read(_areAcceptable);

    /// <summary>
    /// Whether the envelopes of a call were certainly not taken, and another content might have been: a refusal of the
    /// node, or of a proxy in front of it.
    /// </summary>
    internal static bool IsRefusal(RpcException fault) => fault is NoGrpcStatusException page
        ? page is { WasKeptFromNode: true, Outcome: AttemptOutcome.Answered }
        : fault.StatusCode is StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.PermissionDenied;

    /// <summary>Whether a node's error may be due to one of the envelopes.</summary>
    internal static bool MayBeProvoked(RpcException fault) =>
        fault.Status.DebugException is null && NodeRefusal.OutcomeOf(fault.Status) == AttemptOutcome.Answered
            && !NodeRefusal.IsSure(fault.Status) && fault is not NoGrpcStatusException;

    /// <summary>Records that the node refused a publish in a call of its own.</summary>
    internal void Refused(NodePublish publish, ClientIdentity? caller, RpcException fault)
    {
        // A node that is behind is no fault of the caller. It is known to be behind only if it was known to be further.
        if (NodeErrorTexts.IsDependency(fault.Status.Detail))
        {
            if (publish.Read(_areCovered)) Seen.Forget();
        }
        else
        {
            SendAlone(caller);
        }
    }

    /// <summary>From now on a caller's publishes have calls of their own, for a minute.</summary>
    internal void SendAlone(ClientIdentity? caller)
    {
        if (caller is not null) _refused.Add(caller);
    }

    private bool AreAcceptable(IReadOnlyList<ParsedEnvelope> envelopes)
    {
        for (var i = 0; i < envelopes.Count; i++)
            if (envelopes[i].Payload == PayloadKind.UploadKeyPackage)
                return false;
        return AreCovered(envelopes);
    }

    private bool AreCovered(IReadOnlyList<ParsedEnvelope> envelopes)
    {
        for (var i = 0; i < envelopes.Count; i++)
            if (!Seen.Cover(EnvelopeDependencies.Read(envelopes[i].Bytes.Span)))
                return false;
        return true;
    }
}
