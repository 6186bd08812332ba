using System.Net.Http.Headers;
using System.Text;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// The user part of a URL as an Authorization header; HttpClient and ClientWebSocket do not send it by themselves.
/// </summary>
internal static class BasicCredentials
{
    public static AuthenticationHeaderValue? Of(Uri url) =>
        url.UserInfo.Length == 0
            ? null
            : new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
}
