using System.Buffers;
using Grpc.Core;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.DevNet.Nodes.Publishing;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>
/// Handles publishes: checks all payer envelopes, stages them, and waits until the worker has signed and inserted them.
/// </summary>
/// <remarks>
/// A staged envelope is published and charged even if the caller disconnects. The wait ends after 30 s or with the
/// call's <c>grpc-timeout</c>; the response is then OK nevertheless. It is signed separately from the inserted
/// envelope, and may differ from it in the congestion fee and, by a second, in the expiry.
/// </remarks>
internal sealed class PublishService(NodeState node, SeenOriginators seen, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);
    private readonly PayerEnvelopeCheck _check = new(node.Options.NodeId, seen, node.Faults);

    /// <summary>Handles a serialized PublishPayerEnvelopesRequest; returns a serialized PublishPayerEnvelopesResponse.</summary>
    /// <exception cref="RpcException">The request is refused; nothing was staged, unless the node's faults say
    /// otherwise.</exception>
    public async Task<byte[]> PublishAsync(byte[] request, HttpContext call)
    {
        var limit = CallLimit.Of(call);
        var taken = CheckAll(request);
        var (staged, fees) = await StageAsync(taken, limit);
        if (node.Faults.NextAfterStaging() is { } fault)
            await PublishFaultMiddleware.AfterStagingAsync(fault, call, lifetime.ApplicationStopping);
        await WaitAsync(staged[^1].SequenceId, limit.Token);
        return Answer([.. staged.Select((envelope, i) => node.Signer.Sign(envelope, fees[i]))]);
    }

    private List<CheckedPayerEnvelope> CheckAll(byte[] request)
    {
        // Field 1, repeated, as in the response, so the same reader works for both.
        var envelopes = new List<ReadOnlyMemory<byte>>();
        if (!OriginatorEnvelopeView.TryReadResponse(request, envelopes))
            throw Refuse(StatusCode.InvalidArgument, "not a serialized PublishPayerEnvelopesRequest");
        if (envelopes.Count == 0) throw Refuse(StatusCode.InvalidArgument, "missing payer envelope");

        var taken = new List<CheckedPayerEnvelope>(envelopes.Count);
        var faults = new List<string>();
        for (var i = 0; i < envelopes.Count; i++)
        {
            if (_check.Check(envelopes[i], out var envelope) is { } fault)
            {
                faults.Add($"could not validate envelope. index {i}: invalid_argument: {fault}");
            }
            else
            {
                taken.Add(envelope!);
            }
        }

        if (faults.Count > 0) throw Unprocessed(string.Join('\n', faults));
        if (taken.Exists(envelope => envelope.Payer != taken[0].Payer))
            throw Unprocessed("the envelopes of a request have more than one payer");
        return taken;
    }

    private async Task<(IReadOnlyList<StagedEnvelope> Staged, List<EnvelopeFees> Fees)> StageAsync(
        List<CheckedPayerEnvelope> taken, CallLimit limit)
    {
        try
        {
            var rates = await node.Options.Rates(limit.Token);
            ThrowIfFaulty();
            var batch = new BatchFees(rates, node.Rate);
            var now = node.Clock.Next();
            var fees = taken.ConvertAll(envelope => batch.Next(envelope.Bytes.Length, envelope.RetentionDays, now));
            await ChargeAsync(taken[0].Payer, fees, limit.Token);
            if (node.Faults.Current.DatabaseReadOnly) throw new IOException("cannot write in a read-only transaction");
            limit.Token.ThrowIfCancellationRequested();
            return (node.Staged.Stage(
                taken, () => node.Store.LastSequenceId(node.Options.NodeId), node.Clock, node.Options.Time.GetTimestamp()), fees);
        }
        catch (OperationCanceledException) when (limit.Token.IsCancellationRequested)
        {
            throw limit.Ended();
        }
    }

    private void ThrowIfFaulty()
    {
        if (node.Faults.Current.RatesStale)
            throw Unprocessed("could not calculate base fee for envelope 0: the rates are older than 60 minutes");
        if (node.Faults.Current.StorageUnavailable)
        {
            throw Unprocessed(
                "could not calculate congestion fee for envelope 0: failed to connect to `user=node_writer database=node_" +
                node.Options.NodeId
                + "`: 10.0.12.7:5432 (db.internal): dial error: dial tcp 10.0.12.7:5432: connect: connection refused");
        }
    }

    private async ValueTask ChargeAsync(EthereumAddress payer, List<EnvelopeFees> fees, CancellationToken cancellationToken)
    {
        var total = fees.Aggregate(0UL, (sum, fee) => checked(sum + fee.Total));
        if (node.Options.Ledger is null || await node.Options.Ledger.TryUseAsync(payer, total, cancellationToken)) return;
        throw Refuse(
            StatusCode.FailedPrecondition, $"insufficient payer balance: {payer} does not have the {total} picodollars of the fees");
    }

    private async Task WaitAsync(ulong number, CancellationToken ended)
    {
        using var longest = new CancellationTokenSource(MaxWait, node.Options.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, ended);
        try
        {
            while (true)
            {
                var arrival = node.Store.NextArrival;
                if (node.Store.LastSequenceId(node.Options.NodeId) >= number) return;
                await arrival.WaitAsync(linked.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // It will be published nevertheless.
        }
    }

    private static byte[] Answer(IReadOnlyList<StoredEnvelope> signed)
    {
        var output = new ArrayBufferWriter<byte>(signed.Sum(envelope => PublishResponseWriter.GetSize(envelope.Bytes.Length)));
        foreach (var envelope in signed) PublishResponseWriter.Write(output, envelope.Bytes.Span);
        return output.WrittenSpan.ToArray();
    }

    private RpcException Unprocessed(string reason) => Refuse(StatusCode.InvalidArgument, "error processing payer envelopes:" + reason);

    private RpcException Refuse(StatusCode code, string reason)
    {
        NodeLog.Refused(node.Logger, node.Options.NodeId, code, reason);
        return new RpcException(new Status(code, reason));
    }
}
