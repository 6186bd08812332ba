using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>One side of a <see cref="GatewayPort"/>, from which Kestrel gets the connections of one HTTP version.</summary>
internal sealed class GatewayEndPoint(GatewayPort port, HttpProtocols protocol) : EndPoint
{
    /// <summary>The port that both sides share.</summary>
    internal GatewayPort Port => port;

    /// <summary>Whether this side gets the prior-knowledge HTTP/2 connections; otherwise it gets all others.</summary>
    internal bool IsHttp2 => protocol == HttpProtocols.Http2;

    /// <summary>Address and port, as Kestrel lists them.</summary>
    public override string ToString() => port.EndPoint.ToString();
}

/// <summary>A plaintext port that serves both prior-knowledge HTTP/2 and HTTP/1.1.</summary>
/// <param name="requested">The address to listen on; port 0 selects a free one.</param>
internal sealed class GatewayPort(IPEndPoint requested)
{
    /// <summary>The address that it listens on, with the actual port once <see cref="IsBound"/>.</summary>
    internal IPEndPoint EndPoint { get; private set; } = requested;

    /// <summary>Whether the socket is open.</summary>
    internal bool IsBound { get; private set; }

    internal void Bound(EndPoint actual)
    {
        EndPoint = (IPEndPoint)actual;
        IsBound = true;
    }
}
