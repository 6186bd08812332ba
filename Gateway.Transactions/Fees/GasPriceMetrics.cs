using System.Diagnostics.Metrics;
using System.Globalization;

namespace Xmtp.Gateway.Transactions.Fees;

/// <summary>Metrics of the price of gas, which is the same for all accounts on a chain, with the names of the original gateway.</summary>
internal sealed class GasPriceMetrics
{
    private readonly Gauge<double> _price;
    private readonly Gauge<long> _time;
    private readonly Counter<long> _updates;
    private readonly Counter<long> _fallbacks;
    private readonly Counter<long> _refusals;

    /// <summary>Creates the instruments.</summary>
    public GasPriceMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create("Xmtp.Gateway.AppChain");
        _price = meter.CreateGauge<double>("xmtp_blockchain_oracle_gas_price", description: "The last usable gas price, in wei");
        _time = meter.CreateGauge<long>(
            "xmtp_blockchain_oracle_gas_price_last_update_timestamp_unix", description: "When the last usable price was read");
        _updates = meter.CreateCounter<long>(
            "xmtp_blockchain_oracle_gas_price_updates_total", description: "Usable gas prices that the chain returned");
        _fallbacks = meter.CreateCounter<long>(
            "xmtp_blockchain_oracle_gas_price_default_fallback_total", description: "Times the configured price was used instead");
        _refusals = meter.CreateCounter<long>(
            "xmtp_blockchain_oracle_gas_price_refused_total", description: "Gas prices that were zero, out of range or not a number");
    }

    internal void Priced(ulong chainId, double wei, DateTimeOffset at)
    {
        var chain = Chain(chainId);
        _price.Record(wei, chain);
        _time.Record(at.ToUnixTimeSeconds(), chain);
        _updates.Add(1, chain);
    }

    internal void FellBack(ulong chainId) => _fallbacks.Add(1, Chain(chainId));

    internal void Refused(ulong chainId) => _refusals.Add(1, Chain(chainId));

    private static KeyValuePair<string, object?> Chain(ulong id) => new("chain_id", id.ToString(CultureInfo.InvariantCulture));
}
