using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The setting of a gateway with several payers.</summary>
internal sealed class PayersSettings : SettingGroup<PayersOptions>
{
    private readonly Setting _file;

    /// <summary>Creates the setting.</summary>
    public PayersSettings()
        : base("Several payers", "Xmtp:Payers") => _file = Add(
            "payers-file",
            "XMTPD_PAYERS_FILE",
            "File",
            SettingTypes.File,
            (o, v) => o.File = v,
            null,
            "JSON file with several payers, each with its key, its callers and its limits, in place of the one payer's key");

    /// <summary>The flag and the variable, for faults.</summary>
    public string Name => _file.Name;

    /// <summary>Whether there is a payers file.</summary>
    public bool IsGiven(IConfiguration configuration) => _file.Given(configuration) is not null;
}
