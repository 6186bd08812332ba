using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>What publishing may cost.</summary>
internal sealed class CostsSettings : SettingGroup<CostsOptions>
{
    /// <summary>The rows.</summary>
    public CostsSettings()
        : base("Costs", "Xmtp:Costs")
    {
        Add("costs.trailer", "XMTPD_COSTS_TRAILER", "Trailer", Kinds.Switch, (o, v) => o.Trailer = v, "false",
            "answers carry what the request cost, as the trailer xmtp-cost-picodollars");
        Add("costs.max-rate-jump", "XMTPD_COSTS_MAX_RATE_JUMP", "MaxRateJump", Kinds.Unsigned, (o, v) => o.MaxRateJump = v, "10",
            "rates that get more than so many times dearer pause publishing to nodes, and answers with fees so far over the rates are refused; 0 turns both off");
        Add("costs.max-message-price", "XMTPD_COSTS_MAX_MESSAGE_PRICE", "MaxMessagePrice", Kinds.Unsigned, (o, v) => o.MaxMessagePrice = v, "1000000",
            "most microdollars that one message may cost; 0 turns it off");
        Add("costs.gas-coin-price", "XMTPD_COSTS_GAS_COIN_PRICE", "GasCoinPrice", Kinds.Unsigned, (o, v) => o.GasCoinPrice = v, "1000000",
            "microdollars that a whole coin of the App Chain is worth");
    }
}

/// <summary>When funds count as low.</summary>
internal sealed class FundsSettings : SettingGroup<FundsOptions>
{
    /// <summary>The rows.</summary>
    public FundsSettings()
        : base("Funds", "Xmtp:Funds")
    {
        Add("funds.refresh-interval", "XMTPD_FUNDS_REFRESH_INTERVAL", "RefreshInterval", Kinds.PositiveDuration, (o, v) => o.RefreshInterval = v, "60s", "how often both funds are read");
        Add("funds.payer-warning", "XMTPD_FUNDS_PAYER_WARNING", "PayerWarning", Kinds.Unsigned, (o, v) => o.PayerWarning = v, "5000000", "payer balance in microdollars below which it is a warning");
        Add("funds.payer-critical", "XMTPD_FUNDS_PAYER_CRITICAL", "PayerCritical", Kinds.Unsigned, (o, v) => o.PayerCritical = v, "1000000", "payer balance in microdollars below which it is critical");
        Add("funds.gas-warning", "XMTPD_FUNDS_GAS_WARNING", "GasWarning", Kinds.Unsigned, (o, v) => o.GasWarning = v, "1000", "gas for fewer commits of 1 KB than this is a warning");
        Add("funds.gas-critical", "XMTPD_FUNDS_GAS_CRITICAL", "GasCritical", Kinds.Unsigned, (o, v) => o.GasCritical = v, "100", "gas for fewer commits of 1 KB than this is critical");
        Add("funds.runway-warning", "XMTPD_FUNDS_RUNWAY_WARNING", "RunwayWarning", Kinds.Duration, (o, v) => o.RunwayWarning = v, "72h", "a fund that lasts for less is a warning");
        Add("funds.runway-critical", "XMTPD_FUNDS_RUNWAY_CRITICAL", "RunwayCritical", Kinds.Duration, (o, v) => o.RunwayCritical = v, "24h", "a fund that lasts for less is critical");
    }

    /// <inheritdoc/>
    protected override void Check(FundsOptions options, ICollection<string> faults)
    {
        if (options.PayerCritical > options.PayerWarning) faults.Add("--funds.payer-critical (XMTPD_FUNDS_PAYER_CRITICAL): expected at most --funds.payer-warning");
        if (options.GasCritical > options.GasWarning) faults.Add("--funds.gas-critical (XMTPD_FUNDS_GAS_CRITICAL): expected at most --funds.gas-warning");
        if (options.RunwayCritical > options.RunwayWarning) faults.Add("--funds.runway-critical (XMTPD_FUNDS_RUNWAY_CRITICAL): expected at most --funds.runway-warning");
    }
}
