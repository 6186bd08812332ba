using System.Diagnostics;
using OpenTelemetry;

namespace Xmtp.Gateway.ServiceDefaults;

/// <summary>
/// Cuts the URLs of outgoing requests down to scheme, host and port before a trace leaves the process: RPC providers
/// put keys in the path.
/// </summary>
internal sealed class UrlsWithoutCredentials : BaseProcessor<Activity>
{
    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Kind != ActivityKind.Client) return;
        if (data.GetTagItem("url.full") is string text && Uri.TryCreate(text, UriKind.Absolute, out var url))
            data.SetTag("url.full", $"{url.Scheme}://{url.Host}:{url.Port}/");
    }
}
