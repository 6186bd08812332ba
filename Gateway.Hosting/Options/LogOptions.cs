namespace Xmtp.Gateway.Hosting.Options;

/// <summary>The level and the format of the log.</summary>
public sealed class LogOptions
{
    /// <summary>debug, info, warn or error, as in the original; default info.</summary>
    public string Level { get; set; } = "info";

    /// <summary>console or json; default console.</summary>
    public string Encoding { get; set; } = "console";
}
