using System.Net;

namespace Xmtp.Gateway.Hosting.Options;

/// <summary>Where the gateway listens and whom it believes.</summary>
public sealed class ApiOptions
{
    /// <summary>The port for every protocol: gRPC, gRPC-Web and Connect. 0 takes a free one; default 5050.</summary>
    public int Port { get; set; } = 5050;

    /// <summary>The second port for the HTTP/1.1 protocols, as older clients expect. 0 takes a free one, -1 turns it off; default 5055.</summary>
    public int HttpPort { get; set; } = 5055;

    /// <summary>The address to bind; default every interface.</summary>
    public string BindAddress { get; set; } = "0.0.0.0";

    /// <summary>The proxies whose X-Forwarded-For counts, as addresses or CIDR ranges; default none.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; set; } = [];

    /// <summary>The origins that browsers may call from; <c>*</c> is any, the default.</summary>
    public IReadOnlyList<string> CorsOrigins { get; set; } = ["*"];

    /// <summary>Request headers that browsers may send besides those of the SDKs.</summary>
    public IReadOnlyList<string> CorsHeaders { get; set; } = [];

    /// <summary>Whether gRPC server reflection answers; default no.</summary>
    public bool Reflection { get; set; }

    /// <summary>How long a stop goes on accepting calls after readiness said no, so that load balancers notice. Zero for none; default 2 s.</summary>
    public TimeSpan ShutdownDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a stop waits for calls that are running. Zero waits for none; default 30 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
