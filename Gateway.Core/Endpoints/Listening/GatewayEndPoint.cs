using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>One side of a <see cref="GatewayPort"/>: where Kestrel gets the connections of one HTTP version.</summary>
internal sealed class GatewayEndPoint(GatewayPort port, HttpProtocols protocol) : EndPoint
{
    /// <summary>The port that both sides share.</summary>
    internal GatewayPort Port => port;

    /// <summary>Whether this side takes the prior-knowledge HTTP/2 connections; else it takes all others.</summary>
    internal bool IsHttp2 => protocol == HttpProtocols.Http2;

    /// <summary>Address and port, as Kestrel shows them in its list of addresses.</summary>
    public override string ToString() => port.EndPoint.ToString();
}

/// <summary>A plaintext port that serves prior-knowledge HTTP/2 and HTTP/1.1 at once.</summary>
/// <param name="requested">Where to listen; port 0 takes a free one.</param>
internal sealed class GatewayPort(IPEndPoint requested)
{
    /// <summary>Where it listens; the real port once <see cref="IsBound"/>.</summary>
    internal IPEndPoint EndPoint { get; private set; } = requested;

    /// <summary>Whether the socket is open.</summary>
    internal bool IsBound { get; private set; }

    internal void Bound(EndPoint actual)
    {
        EndPoint = (IPEndPoint)actual;
        IsBound = true;
    }
}
