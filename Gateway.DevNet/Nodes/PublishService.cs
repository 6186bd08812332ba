using System.Buffers;
using Grpc.Core;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>Takes payer envelopes: checks all of them, then numbers, signs and stores them.</summary>
internal sealed class PublishService(DevNodeOptions options, PrivateKeySigner signer, EnvelopeStore store, ChainView chain, ILogger<DevNode> logger)
{
    private const int SecondsOfADay = 24 * 60 * 60;
    private readonly PayerEnvelopeCheck check = new(options.NodeId, store);

    /// <summary>Answers a serialized PublishPayerEnvelopesRequest with a serialized PublishPayerEnvelopesResponse.</summary>
    /// <exception cref="RpcException">Refused; nothing was stored.</exception>
    public async Task<byte[]> PublishAsync(byte[] request, CancellationToken cancellationToken)
    {
        await chain.CatchUpAsync(cancellationToken);
        var taken = CheckAll(request);
        var rates = await options.Rates(cancellationToken);
        var fees = taken.ConvertAll(envelope => rates.BaseFee(envelope.Bytes.Length, envelope.RetentionDays));
        await ChargeAsync(taken[0].Payer, fees, cancellationToken);
        var stored = store.Append(options.NodeId, taken.Count, (i, number) => Originate(taken[i], fees[i], number));
        NodeLog.Took(logger, options.NodeId, stored.Count, stored[0].SequenceId, stored[^1].SequenceId);
        return Answer(stored);
    }

    private List<CheckedPayerEnvelope> CheckAll(byte[] request)
    {
        // Field 1, repeated, as in the response: one reader serves both.
        var envelopes = new List<ReadOnlyMemory<byte>>();
        if (!OriginatorEnvelopeView.TryReadResponse(request, envelopes)) throw Refuse(StatusCode.InvalidArgument, "not a serialized PublishPayerEnvelopesRequest");
        if (envelopes.Count == 0) throw Refuse(StatusCode.InvalidArgument, "missing payer envelope");

        var taken = new List<CheckedPayerEnvelope>(envelopes.Count);
        var faults = new List<string>();
        for (var i = 0; i < envelopes.Count; i++)
        {
            if (check.Check(envelopes[i], out var envelope) is { } fault) faults.Add($"payer_envelopes[{i}]: {fault}");
            else taken.Add(envelope!);
        }

        if (faults.Count > 0) throw Refuse(StatusCode.InvalidArgument, string.Join('\n', faults));
        if (taken.Exists(envelope => envelope.Payer != taken[0].Payer)) throw Refuse(StatusCode.InvalidArgument, "the envelopes of a request have more than one payer");
        return taken;
    }

    private async ValueTask ChargeAsync(EthereumAddress payer, List<ulong> fees, CancellationToken cancellationToken)
    {
        var total = fees.Aggregate(0UL, (sum, fee) => checked(sum + fee));
        if (options.Ledger is null || await options.Ledger.TryUseAsync(payer, total, cancellationToken)) return;
        throw Refuse(StatusCode.FailedPrecondition, $"insufficient payer balance: {payer} does not have the {total} picodollars of the fees");
    }

    private StoredEnvelope Originate(CheckedPayerEnvelope envelope, ulong fee, ulong number)
    {
        var now = options.Time.GetUtcNow() - DateTimeOffset.UnixEpoch;
        var expiry = envelope.RetentionDays == uint.MaxValue ? 0 : (ulong)now.TotalSeconds + ((ulong)envelope.RetentionDays * SecondsOfADay);
        var unsigned = OriginatorEnvelopeWriter.UnsignedEnvelope(
            options.NodeId, number, now.Ticks * TimeSpan.NanosecondsPerTick, envelope.Bytes.Span, fee, congestionFee: 0, expiry);
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        Span<byte> signature = stackalloc byte[65];
        OriginatorSignature.Hash(unsigned, hash);
        signer.Sign(hash, signature);
        return new StoredEnvelope(options.NodeId, number, envelope.Topic, OriginatorEnvelopeWriter.SignedEnvelope(unsigned, signature), expiry);
    }

    private static byte[] Answer(IReadOnlyList<StoredEnvelope> stored)
    {
        var output = new ArrayBufferWriter<byte>(stored.Sum(envelope => PublishResponseWriter.GetSize(envelope.Bytes.Length)));
        foreach (var envelope in stored) PublishResponseWriter.Write(output, envelope.Bytes.Span);
        return output.WrittenSpan.ToArray();
    }

    private RpcException Refuse(StatusCode code, string reason)
    {
        NodeLog.Refused(logger, options.NodeId, code, reason);
        return new RpcException(new Status(code, reason));
    }
}
