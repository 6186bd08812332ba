using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Xmtp.Gateway.Identity;

/// <summary>Reads X-Forwarded-For from the right, past the hops that are trusted proxies.</summary>
internal static class ForwardedFor
{
    /// <summary>Finds the client of a call; null where its connection has no address.</summary>
    /// <param name="call">The call.</param>
    /// <param name="trusted">The trusted proxies.</param>
    internal static IPAddress? Client(HttpContext call, IReadOnlyList<IPNetwork> trusted) =>
        call.Connection.RemoteIpAddress is { } peer ? Client(peer, call.Request.Headers["X-Forwarded-For"], trusted) : null;

    /// <summary>Finds the client.</summary>
    /// <param name="peer">The connection's peer.</param>
    /// <param name="header">The header's values; several count as one list, in order.</param>
    /// <param name="trusted">The trusted proxies.</param>
    /// <returns>
    /// The first address from the right that is not a trusted proxy; if an entry cannot be parsed, or the list ends,
    /// the last valid hop.
    /// </returns>
    internal static IPAddress Client(IPAddress peer, StringValues header, IReadOnlyList<IPNetwork> trusted)
    {
        var client = ClientAddress.Fold(peer);
        for (var i = header.Count - 1; i >= 0; i--)
        {
            var rest = header[i].AsSpan();
            int comma;
            do
            {
                if (!IsTrusted(client, trusted)) return client;
                comma = rest.LastIndexOf(',');
                if (ClientAddress.Read(rest[(comma + 1)..]) is not { } hop) return client;
                client = hop;
                rest = comma < 0 ? [] : rest[..comma];
            }
            while (comma >= 0);
        }

        return client;
    }

    private static bool IsTrusted(IPAddress address, IReadOnlyList<IPNetwork> trusted)
    {
        for (var i = 0; i < trusted.Count; i++)
            if (trusted[i].Contains(address))
                return true;
        return false;
    }
}
