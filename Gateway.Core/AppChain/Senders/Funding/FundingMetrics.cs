using System.Diagnostics.Metrics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.AppChain.Senders.Funding;

/// <summary>Metrics of the transfers of a payer to its senders. Amounts in gwei.</summary>
internal sealed class FundingMetrics : IDisposable
{
    private readonly Counter<long> _transfers;
    private readonly Counter<long> _amounts;
    private readonly Counter<long> _refusals;
    private readonly KeyValuePair<string, object?>[] _labels;
    private readonly ObservedValues _observed = new();
    private long _left = -1;
    private long _own = -1;

    /// <summary>Creates the instruments.</summary>
    public FundingMetrics(IMeterFactory meters, PayerLabel? payer = null)
    {
        _labels = PayerLabel.TagsOf(payer);
        var meter = meters.Create("Xmtp.Gateway.AppChain");
        _transfers = meter.CreateCounter<long>(
            "xmtp_gateway_sender_transfers_total", description: "Transfers of gas of a payer to its senders, those in doubt included");
        _amounts = meter.CreateCounter<long>(
            "xmtp_gateway_sender_transfers_gwei_total", description: "The gas that a payer transferred to its senders");
        _refusals = meter.CreateCounter<long>(
            "xmtp_gateway_sender_transfers_refused_total",
            description: "Transfers that a sender needed and did not get, by reason: day, payer, store, chain");
        meter.CreateObservableGauge(
            "xmtp_gateway_sender_transfers_left_gwei",
            _observed.Of(() => Measured(Volatile.Read(ref _left))),
            description: "What a payer may still transfer to its senders today (UTC)");
        meter.CreateObservableGauge(
            "xmtp_gateway_sender_transfers_payer_gwei",
            _observed.Of(() => Measured(Volatile.Read(ref _own))),
            description: "The payer's own native balance on the App Chain, from which its senders get gas");
    }

    /// <summary>A transfer was sent.</summary>
    internal void Sent(EthereumAddress sender, ulong gwei)
    {
        KeyValuePair<string, object?>[] labels = [new("sender", sender.ToString()), .. _labels];
        _transfers.Add(1, labels);
        _amounts.Add((long)gwei, labels);
    }

    /// <summary>A transfer was needed and not sent.</summary>
    internal void Refused(string reason) => _refusals.Add(1, [new("reason", reason), .. _labels]);

    /// <summary>What is left of the day; null where nothing is transferred.</summary>
    internal void Left(ulong? gwei) => Volatile.Write(ref _left, gwei is { } left ? (long)left : -1);

    /// <summary>The payer's own balance; null where nothing is transferred.</summary>
    internal void Own(Wei? balance) => Volatile.Write(
        ref _own, balance is { } own ? (long)UInt128.Min(own.Amount / FundingLevels.WeiOfGwei, long.MaxValue) : -1);

    /// <inheritdoc/>
    public void Dispose() => _observed.End();

    private Measurement<long>[] Measured(long value) => value < 0 ? [] : [new Measurement<long>(value, _labels)];
}
