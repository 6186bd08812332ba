using System.Diagnostics.Metrics;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Costs;

/// <summary>
/// Metrics of money. Whole numbers with their unit in the name; gas in gwei, which fits into 64 bits.
/// </summary>
internal sealed class MoneyMetrics
{
    private const string PayerFund = "payer";
    private const string GasFund = "gas";

    private readonly Meter _meter;
    private readonly Counter<long> _ratesUnread;
    private readonly Counter<long> _fundUnread;
    private readonly Counter<long> _lagged;
    private readonly Counter<long> _overpriced;
    private readonly TimeProvider _time;
    private readonly KeyValuePair<string, object?>[] _labels;
    private readonly ObservedValues _observed = new();

    /// <summary>Creates the instruments.</summary>
    public MoneyMetrics(IMeterFactory meters, TimeProvider time, PayerLabel? payer = null)
    {
        _time = time;
        _labels = PayerLabel.TagsOf(payer);
        _meter = meters.Create("Xmtp.Gateway.Costs");
        _ratesUnread = _meter.CreateCounter<long>(
            "xmtp_gateway_rate_registry_read_failures_total", description: "How often the rates could not be read");
        _fundUnread = _meter.CreateCounter<long>(
            "xmtp_gateway_funds_read_failures_total", description: "How often a fund could not be read");
        _lagged = _meter.CreateCounter<long>(
            "xmtp_gateway_money_lagging_reads_total",
            description: "Readings of rates and funds that were not accepted, because the endpoint lags");
        _overpriced = _meter.CreateCounter<long>(
            "xmtp_gateway_overpriced_messages_total", description: "Requests refused because a message would cost too much");
        _fundUnread.Add(0, Fund(PayerFund));
        _fundUnread.Add(0, Fund(GasFund));
        _ratesUnread.Add(0);
        _lagged.Add(0, _labels);
        _overpriced.Add(0);
    }

    /// <summary>Ends the gauges of a payer that left: they have no value any more, and keep nothing of it in memory.</summary>
    internal void End() => _observed.End();

    internal void RatesUnread() => _ratesUnread.Add(1);

    internal void FundUnread(string fund) => _fundUnread.Add(1, Fund(fund));

    internal void ReadLagged() => _lagged.Add(1, _labels);

    internal void Overpriced() => _overpriced.Add(1);

    internal void Watch(RateCache rates, SpendingGuard guard)
    {
        Observe("xmtp_gateway_rate_message_fee_picodollars", "The fee of a message by the rates in force", () => Now(rates)?.MessageFee);
        Observe(
            "xmtp_gateway_rate_storage_fee_picodollars", "The fee of a byte for a day by the rates in force", () => Now(rates)?.StorageFee);
        Observe(
            "xmtp_gateway_rate_congestion_fee_picodollars",
            "The fee of a unit of congestion by the rates in force",
            () => Now(rates)?.CongestionFee);
        Observe(
            "xmtp_gateway_rates_last_read_timestamp_unix",
            "When the rates were last read",
            () => (Int128?)rates.ReadAt?.ToUnixTimeSeconds());
        Observe("xmtp_gateway_spending_paused", "1 while publishing to nodes is paused because rates jumped", () => guard.IsPaused ? 1 : 0);
    }

    internal void Watch(SpendLedger ledger, ISettledUsage usage)
    {
        _meter.CreateObservableCounter(
            "xmtp_gateway_fees_picodollars_total",
            _observed.Of(() => [Measured(ledger.Total.Fees.Value)]),
            description: "Node fees of what was published, as nodes signed them");
        _meter.CreateObservableCounter(
            "xmtp_gateway_estimated_fees_picodollars_total",
            _observed.Of(() => [Measured(ledger.Total.Fees.Value)]),
            description: "xmtp_gateway_fees_picodollars_total, by its earlier name");
        _meter.CreateObservableCounter(
            "xmtp_gateway_estimated_gas_gwei_total",
            _observed.Of(() => [Measured(Gwei((Int128)ledger.Total.Gas.Amount))]),
            description: "Gas of what was published on the App Chain, by estimate");
        Observe(
            "xmtp_gateway_settled_usage_picodollars",
            "Charges to the payer since the start",
            () => usage.Reconciliation.Settled.Value);
        Observe(
            "xmtp_gateway_spend_drift_picodollars",
            "Fees that nodes signed and that were not charged since the start; below zero when more was charged",
            () => usage.Reconciliation.Drift.Value);
    }

    internal void Watch(FundsState funds, AccountUse? use)
    {
        Observe(
            "xmtp_gateway_payer_balance_microdollars",
            "The payer's balance on the settlement chain; below zero is debt",
            () => funds.Payer?.Balance.Value);
        Observe(
            "xmtp_gateway_payer_pending_withdrawal_microdollars",
            "Pending withdrawal of the payer",
            () => funds.Payer?.PendingWithdrawal.Value);
        Observe(
            "xmtp_gateway_payer_spend_microdollars_per_day",
            "Payer spending per day",
            () => funds.PayerState()?.SpendPerDay);
        Observe(
            "xmtp_gateway_gas_balance_gwei", "The payer's native balance on the App Chain", () => Gwei((Int128?)funds.Gas?.Balance.Amount));
        _meter.CreateObservableGauge(
            "xmtp_gateway_sender_gas_balance_gwei",
            _observed.Of(() => funds.Gas?.Senders.Select(one => new Measurement<long>(
                Clip(Gwei((Int128)one.Balance.Amount)), [new("sender", one.Sender.ToString()), .. _labels])) ?? []),
            description: "The native balance of a payer's sender on the App Chain");
        Observe("xmtp_gateway_gas_spend_gwei_per_day", "Gas spending per day", () => Gwei(funds.GasState()?.SpendPerDay));
        Observe("xmtp_gateway_gas_commit_cost_gwei", "Price of a commit of 1 KB", () => Gwei((Int128)funds.CommitCost.Amount));
        ObserveFunds(
            "xmtp_gateway_funds_runway_hours", "How long a fund lasts; absent while nothing is spent", funds, state => state.RunwayHours);
        ObserveFunds("xmtp_gateway_funds_level", "0 good, 1 warning, 2 critical, 3 empty", funds, state => (long)state.Level);
        _meter.CreateObservableGauge(
            "xmtp_gateway_funds_last_read_timestamp_unix",
            _observed.Of(() => use is { HasEnded: true }
                ? []
                : Both(funds.Payer?.At.ToUnixTimeSeconds(), funds.Gas?.At.ToUnixTimeSeconds())),
            description: "When a fund was last read; absent while it is not read, since its payer is not in use");
    }

    internal void Watch(EthereumAddress payer)
    {
        KeyValuePair<string, object?>[] labels = [new(_labels.Length == 0 ? "payer" : "address", payer.ToString()), .. _labels];
        _meter.CreateObservableGauge(
            "xmtp_gateway_payer_info",
            _observed.Of(() => [new Measurement<long>(1, labels)]),
            description: "1; the label is the payer's address, for alerts; of several payers, the name and the address");
    }

    private Chain.Contracts.Rates? Now(RateCache rates) => rates.InForce(_time.GetUtcNow());

    private void Observe(string name, string what, Func<Int128?> read) =>
        _meter.CreateObservableGauge(
            name,
            _observed.Of(() => read() is { } value ? [Measured(value)] : Array.Empty<Measurement<long>>()),
            description: what);

    private void ObserveFunds(string name, string what, FundsState funds, Func<FundState, long?> read) =>
        _meter.CreateObservableGauge(
            name,
            _observed.Of(() => Both(funds.PayerState() is { } payer ? read(payer) : null, funds.GasState() is { } gas ? read(gas) : null)),
            description: what);

    private Measurement<long> Measured(Int128 value) => new(Clip(value), _labels);

    private IEnumerable<Measurement<long>> Both(long? payer, long? gas)
    {
        if (payer is { } left) yield return new(left, Fund(PayerFund));
        if (gas is { } right) yield return new(right, Fund(GasFund));
    }

    private KeyValuePair<string, object?>[] Fund(string fund) => [new("fund", fund), .. _labels];

    private static Int128? Gwei(Int128? wei) => wei / 1_000_000_000;

    private static Int128 Gwei(Int128 wei) => wei / 1_000_000_000;

    private static long Clip(Int128 value) => (long)Int128.Clamp(value, long.MinValue, long.MaxValue);
}
