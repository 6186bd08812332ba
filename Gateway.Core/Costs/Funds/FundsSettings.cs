using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>The settings of when funds count as low.</summary>
internal sealed class FundsSettings : SettingGroup<FundsOptions>
{
    /// <summary>Creates the settings.</summary>
    public FundsSettings()
        : base("Funds", "Xmtp:Funds")
    {
        Add(
            "funds.refresh-interval",
            "XMTPD_FUNDS_REFRESH_INTERVAL",
            "RefreshInterval",
            SettingTypes.PositiveDuration,
            (o, v) => o.RefreshInterval = v,
            "60s",
            "how often both funds are read");
        Add(
            "funds.payer-warning",
            "XMTPD_FUNDS_PAYER_WARNING",
            "PayerWarning",
            SettingTypes.Unsigned,
            (o, v) => o.PayerWarning = v,
            "5000000",
            "payer balance in microdollars below which it is a warning");
        Add(
            "funds.payer-critical",
            "XMTPD_FUNDS_PAYER_CRITICAL",
            "PayerCritical",
            SettingTypes.Unsigned,
            (o, v) => o.PayerCritical = v,
            "1000000",
            "payer balance in microdollars below which it is critical");
        Add(
            "funds.gas-warning",
            "XMTPD_FUNDS_GAS_WARNING",
            "GasWarning",
            SettingTypes.Unsigned,
            (o, v) => o.GasWarning = v,
            "1000",
            "gas for fewer commits of 1 KB than this is a warning");
        Add(
            "funds.gas-critical",
            "XMTPD_FUNDS_GAS_CRITICAL",
            "GasCritical",
            SettingTypes.Unsigned,
            (o, v) => o.GasCritical = v,
            "100",
            "gas for fewer commits of 1 KB than this is critical");
        Add(
            "funds.runway-warning",
            "XMTPD_FUNDS_RUNWAY_WARNING",
            "RunwayWarning",
            SettingTypes.Age,
            (o, v) => o.RunwayWarning = v,
            "72h",
            "a fund that lasts for less is a warning");
        Add(
            "funds.runway-critical",
            "XMTPD_FUNDS_RUNWAY_CRITICAL",
            "RunwayCritical",
            SettingTypes.Age,
            (o, v) => o.RunwayCritical = v,
            "24h",
            "a fund that lasts for less is critical");
    }

    /// <inheritdoc/>
    protected override void Check(FundsOptions options, ICollection<string> faults)
    {
        if (options.PayerCritical > options.PayerWarning)
            faults.Add("--funds.payer-critical (XMTPD_FUNDS_PAYER_CRITICAL): expected at most --funds.payer-warning");
        if (options.GasCritical > options.GasWarning)
            faults.Add("--funds.gas-critical (XMTPD_FUNDS_GAS_CRITICAL): expected at most --funds.gas-warning");
        if (options.RunwayCritical > options.RunwayWarning)
            faults.Add("--funds.runway-critical (XMTPD_FUNDS_RUNWAY_CRITICAL): expected at most --funds.runway-warning");
    }
}
