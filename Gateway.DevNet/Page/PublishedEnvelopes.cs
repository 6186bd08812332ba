using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Page;

/// <summary>Lists the envelopes of a node for the page, with their destination and cost.</summary>
/// <remarks>
/// Thread-safe. The fee is the one in the envelope; the gas is that of the transaction's receipt, in dollars by the gateway's price of
/// the App Chain's coin.
/// </remarks>
/// <param name="store">The store of a node.</param>
/// <param name="rpc">The App Chain.</param>
/// <param name="gasPrice">What an amount of the App Chain's coin is worth.</param>
internal sealed class PublishedEnvelopes(EnvelopeStore store, EthereumRpc rpc, Func<Wei, Picodollars> gasPrice) : IDisposable
{
    private const int Kept = 500;
    private readonly SemaphoreSlim _reading = new(1);
    private readonly List<PublishedEnvelope> _all = [];
    private int _position;

    /// <summary>The last envelopes, oldest first.</summary>
    public async Task<IReadOnlyList<PublishedEnvelope>> ListAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var fresh = store.ReadFrom(_position);
            foreach (var envelope in fresh.Envelopes)
            {
                _all.Add(await ReadAsync(envelope, cancellationToken));
                _position++;
            }

            if (_all.Count > Kept) _all.RemoveRange(0, _all.Count - Kept);
            return [.. _all];
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    private async Task<PublishedEnvelope> ReadAsync(StoredEnvelope stored, CancellationToken cancellationToken)
    {
        var envelope = OriginatorEnvelope.Parser.ParseFrom(stored.Bytes.Span);
        var unsigned = UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope);
        OriginatorEnvelopeView.TryRead(stored.Bytes, out var view);
        var onChain = stored.OriginatorId < StoredEnvelope.FirstNodeId;
        return new PublishedEnvelope(
            $"{stored.OriginatorId}/{stored.SequenceId}",
            DateTimeOffset.FromUnixTimeMilliseconds(unsigned.OriginatorNs / 1_000_000).ToString("HH:mm:ss", CultureInfo.InvariantCulture),
            KindOf(stored.Topic.Kind, onChain),
            Convert.ToHexStringLower(stored.Topic.Identifier.Span),
            onChain ? $"App Chain #{stored.SequenceId}" : $"node {stored.OriginatorId} #{stored.SequenceId}",
            view.ClientEnvelope.Length,
            onChain
                ? await GasAsync(envelope, cancellationToken)
                : Dollars(unsigned.BaseFeePicodollars + unsigned.CongestionFeePicodollars));
    }

    private static string KindOf(TopicKind kind, bool onChain) => kind switch
    {
        TopicKind.GroupMessages => onChain ? "commit" : "message",
        TopicKind.WelcomeMessages => "welcome",
        TopicKind.KeyPackages => "key package",
        TopicKind.IdentityUpdates => "identity update",
        _ => "payer report",
    };

    // 12 decimals, without trailing zeros.
    private static string Dollars(ulong picodollars)
    {
        var (whole, rest) = Math.DivRem(picodollars, 1_000_000_000_000UL);
        return string.Create(CultureInfo.InvariantCulture, $"${whole}.{rest:D12}").TrimEnd('0').TrimEnd('.');
    }

    private async Task<string> GasAsync(OriginatorEnvelope envelope, CancellationToken cancellationToken)
    {
        if (envelope.BlockchainProof is not { TransactionHash.Length: Bytes32.Size } proof) return "";
        var receipt = await rpc.GetReceiptAsync(new Bytes32(proof.TransactionHash.Span), cancellationToken);
        if (receipt.Value is not { GasUsed: { } used }) return "";
        var gas = string.Create(CultureInfo.InvariantCulture, $"{used:N0} gas");
        if (receipt.Value.EffectiveGasPrice is not { } price) return gas;
        var paid = gasPrice(new Wei(used * price.Amount)).Value;
        return $"{Dollars((ulong)Int128.Min(paid, ulong.MaxValue))}, {gas}";
    }
}
