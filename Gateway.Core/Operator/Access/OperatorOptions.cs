namespace Xmtp.Gateway.Operator.Access;

/// <summary>The operator's page on the metrics port.</summary>
internal sealed class OperatorOptions
{
    /// <summary>
    /// The file of the token with which the page is served to others than this machine; null for none. At least
    /// <see cref="AdminToken.MinLength"/> characters.
    /// </summary>
    public string? AdminTokenFile { get; set; }

    /// <summary>The address of a chain watcher whose events the page shows; null for none. May contain credentials.</summary>
    public Uri? WatcherUrl { get; set; }
}
