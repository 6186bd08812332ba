using Grpc.Health.V1;
using Grpc.Net.Client;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>
/// Checks whether each canonical node answers and reports itself healthy, and whether they have each other's envelopes. One
/// that does not is a warning; if none is healthy, it is a fault.
/// </summary>
internal static class NodeFindings
{
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(5);

    internal static async Task AddAsync(DoctorExamination examination, ContractsOptions contracts, CancellationToken cancellationToken)
    {
        if (contracts.SettlementChain is not { RpcUrl: { } url } chain || chain.NodeRegistry.IsZero)
        {
            examination.Add(DoctorFinding.NotChecked("nodes", "the RPC URL of the settlement chain or the node registry is missing"));
            return;
        }

        using var client = new ChainClient(url, MaxAnswerTime);
        var read = await new NodeRegistryContract(client.Rpc, chain.NodeRegistry).GetAllNodesAsync(cancellationToken).ConfigureAwait(false);
        if (!read.TryGet(out var registered, out _))
        {
            examination.Add(DoctorFinding.Fault("nodes", "the node registry cannot be read: without nodes nothing is published"));
            return;
        }

        var canonical = registered.Where(node => node.IsCanonical).ToList();
        var replication = ReplicationFindings.AddAsync(examination, canonical, cancellationToken);
        var found = await Task.WhenAll(canonical.Select(node => LookAsync(node, cancellationToken))).ConfigureAwait(false);
        var healthy = found.Count(finding => finding.Status == DoctorStatus.Ok);
        examination.Add(healthy == 0
            ? DoctorFinding.Fault("nodes", $"none of {canonical.Count} canonical nodes can be used")
            : DoctorFinding.Ok("nodes", $"{healthy} of {canonical.Count} canonical nodes answer that they are healthy"));
        foreach (var finding in found) examination.Add(finding);
        await replication.ConfigureAwait(false);
    }

    private static async Task<DoctorFinding> LookAsync(RegisteredNode node, CancellationToken cancellationToken)
    {
        var name = $"node {node.NodeId}";
        if (!Uri.TryCreate(node.HttpAddress, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return DoctorFinding.Warning(name, "its registered address is no http(s) URL");
        if (!Secp256k1.Default.IsValidPublicKey(node.SigningPublicKey.Span))
            return DoctorFinding.Warning(name, "its registered key is no secp256k1 key");
        using var channel = GrpcChannel.ForAddress(address);
        try
        {
            var deadline = TimeProvider.System.GetUtcNow().Add(MaxAnswerTime).UtcDateTime;
            var answer = await new Health.HealthClient(channel)
                .CheckAsync(new HealthCheckRequest(), deadline: deadline, cancellationToken: cancellationToken);
            return answer.Status == HealthCheckResponse.Types.ServingStatus.Serving
                ? DoctorFinding.Ok(name, $"{RedactedUrl.Of(address)} is healthy")
                : DoctorFinding.Warning(name, $"{RedactedUrl.Of(address)} says that it is {answer.Status}");
        }
        catch (Grpc.Core.RpcException exception)
        {
            return DoctorFinding.Warning(name, $"{RedactedUrl.Of(address)} does not answer its health check: {exception.StatusCode}");
        }
    }
}
