using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Costs;

/// <summary>The settings of what publishing may cost.</summary>
internal sealed class CostsSettings : SettingGroup<CostsOptions>
{
    /// <summary>Creates the settings.</summary>
    public CostsSettings()
        : base("Costs", "Xmtp:Costs")
    {
        Add("costs.trailer", "XMTPD_COSTS_TRAILER", "Trailer", SettingTypes.Switch, (o, v) => o.Trailer = v, "false",
            "answers carry what the request cost, as the trailer xmtp-cost-picodollars");
        Add("costs.max-rate-jump", "XMTPD_COSTS_MAX_RATE_JUMP", "MaxRateJump", SettingTypes.Unsigned, (o, v) => o.MaxRateJump = v, "10",
            "rates that rise by more than this factor pause publishing to nodes, and answers whose fees exceed the rates by more than " +
            "this factor are refused; 0 turns both off");
        Add(
            "costs.max-message-price",
            "XMTPD_COSTS_MAX_MESSAGE_PRICE",
            "MaxMessagePrice",
            SettingTypes.Unsigned,
            (o, v) => o.MaxMessagePrice = v,
            "1000000",
            "max microdollars that one message may cost; 0 turns it off");
        Add(
            "costs.gas-coin-price",
            "XMTPD_COSTS_GAS_COIN_PRICE",
            "GasCoinPrice",
            SettingTypes.Unsigned,
            (o, v) => o.GasCoinPrice = v,
            "1000000",
            "price of one coin of the App Chain, in microdollars");
    }
}
