namespace Xmtp.Gateway.Costs.Funds;

/// <summary>The bounds below which funds count as low.</summary>
public sealed class FundsOptions
{
    /// <summary>The interval at which both funds are read. More than zero; default 60 s.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A payer balance below this is a warning, in microdollars. Default 5,000,000 ($5).</summary>
    public ulong PayerWarning { get; set; } = 5_000_000;

    /// <summary>A payer balance below this is critical, in microdollars. Default 1,000,000 ($1).</summary>
    public ulong PayerCritical { get; set; } = 1_000_000;

    /// <summary>Gas for fewer commits of 1 KB than this is a warning. Default 1,000.</summary>
    public ulong GasWarning { get; set; } = 1_000;

    /// <summary>Gas for fewer commits of 1 KB than this is critical. Default 100.</summary>
    public ulong GasCritical { get; set; } = 100;

    /// <summary>A fund that lasts for less than this, at the spend of the last 24 hours, is a warning. Default 72 h.</summary>
    public TimeSpan RunwayWarning { get; set; } = TimeSpan.FromHours(72);

    /// <summary>A fund that lasts for less than this is critical. Default 24 h.</summary>
    public TimeSpan RunwayCritical { get; set; } = TimeSpan.FromHours(24);
}
