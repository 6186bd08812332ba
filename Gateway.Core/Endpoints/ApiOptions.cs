namespace Xmtp.Gateway.Endpoints;

/// <summary>Where the gateway listens, and how much it holds for callers at a time.</summary>
public sealed class ApiOptions
{
    /// <summary>
    /// The least that <see cref="MaxBytesInFlight"/> may be: 104 MiB in bytes. A quarter of it holds a message of 25
    /// MiB and its headers.
    /// </summary>
    public const long MinBytesInFlight = 104L * 1024 * 1024;

    /// <summary>Memory for each connection, in bytes: what the default of <see cref="MaxConnections"/> goes by.</summary>
    private const long BytesPerConnection = 32 * 1024;

    private const int MinDefaultConnections = 1000;
    private const int MaxDefaultConnections = 100_000;

    /// <summary>The port for every protocol: gRPC, gRPC-Web and Connect. 0 takes a free one; default 5050.</summary>
    public int Port { get; set; } = 5050;

    /// <summary>
    /// The second port for the HTTP/1.1 protocols, as older clients expect. 0 takes a free one, -1 turns it off;
    /// default 5055.
    /// </summary>
    public int HttpPort { get; set; } = 5055;

    /// <summary>The address to bind; default every interface.</summary>
    public string BindAddress { get; set; } = "0.0.0.0";

    /// <summary>
    /// The most bytes of requests and answers that are held at a time, all calls together; one identity, or one
    /// address, has a quarter of it. At least <see cref="MinBytesInFlight"/>; null, the default, for a quarter of the
    /// memory that the process may use.
    /// </summary>
    public long? MaxBytesInFlight { get; set; }

    /// <summary>
    /// The most connections of clients that are open at a time, at least 1; one address has a quarter of them, unless
    /// it is a trusted proxy. Null, the default, for one in 32 KiB of <see cref="MaxBytesInFlight"/>, 1,000 to 100,000.
    /// </summary>
    public int? MaxConnections { get; set; }

    /// <summary>The most calls at a time on one HTTP/2 connection, 1 to 10,000; default 256.</summary>
    public int MaxStreamsPerConnection { get; set; } = 256;

    /// <summary>The origins that browsers may call from; <c>*</c> is any, the default, and <c>none</c> is none.</summary>
    public IReadOnlyList<string> CorsOrigins { get; set; } = ["*"];

    /// <summary>Request headers that browsers may send besides those of the SDKs.</summary>
    public IReadOnlyList<string> CorsHeaders { get; set; } = [];

    /// <summary>Whether gRPC server reflection answers; default no.</summary>
    public bool Reflection { get; set; }

    /// <summary>
    /// How long a stop goes on accepting calls after readiness said no, so that load balancers notice. Zero for none;
    /// default 2 s.
    /// </summary>
    public TimeSpan ShutdownDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a stop waits for calls that are running. Zero waits for none; default 30 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The bytes in flight that are in force.</summary>
    internal long BytesInFlight => MaxBytesInFlight ?? Math.Max(MinBytesInFlight, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>The connections that are in force.</summary>
    internal int Connections =>
        MaxConnections ?? (int)Math.Clamp(BytesInFlight / BytesPerConnection, MinDefaultConnections, MaxDefaultConnections);
}
