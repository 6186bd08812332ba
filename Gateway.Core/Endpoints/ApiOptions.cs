namespace Xmtp.Gateway.Endpoints;

/// <summary>Where the gateway listens, and how much it holds for callers at once.</summary>
public sealed class ApiOptions
{
    /// <summary>
    /// The min value of <see cref="MaxBytesInFlight"/>: 104 MiB in bytes. A quarter of it holds a message of 25 MiB and
    /// its headers.
    /// </summary>
    public const long MinBytesInFlight = 104L * 1024 * 1024;

    /// <summary>Memory per connection, in bytes; the default of <see cref="MaxConnections"/> is computed from it.</summary>
    private const long BytesPerConnection = 32 * 1024;

    private const int MinDefaultConnections = 1000;
    private const int MaxDefaultConnections = 100_000;

    /// <summary>The port for all protocols: gRPC, gRPC-Web and Connect. 0 selects a free one; default 5050.</summary>
    public int Port { get; set; } = 5050;

    /// <summary>
    /// The second port for the HTTP/1.1 protocols, as older clients expect. 0 selects a free one, -1 turns it off;
    /// default 5055.
    /// </summary>
    public int HttpPort { get; set; } = 5055;

    /// <summary>
    /// The address to bind. Default <c>::</c>: all interfaces, IPv4 and IPv6, or IPv4 alone where there is no IPv6.
    /// </summary>
    public string BindAddress { get; set; } = "::";

    /// <summary>
    /// The max bytes of requests and responses held at once, over all calls; one identity, or one address, may hold a
    /// quarter of it. At least <see cref="MinBytesInFlight"/>; null, the default, means a quarter of the memory that
    /// the process may use.
    /// </summary>
    public long? MaxBytesInFlight { get; set; }

    /// <summary>
    /// The max number of client connections open at once, at least 1; one address may have a quarter of them, unless it
    /// is a trusted proxy. Null, the default, means one per 32 KiB of <see cref="MaxBytesInFlight"/>, from 1,000 to 100,000.
    /// </summary>
    public int? MaxConnections { get; set; }

    /// <summary>The max number of concurrent calls on one HTTP/2 connection, 1 to 10,000; default 256.</summary>
    public int MaxStreamsPerConnection { get; set; } = 256;

    /// <summary>
    /// The origins that browsers may call from; <c>*</c>, the default, means any, and <c>none</c> means none.
    /// </summary>
    public IReadOnlyList<string> CorsOrigins { get; set; } = ["*"];

    /// <summary>Request headers that browsers may send besides those of the SDKs.</summary>
    public IReadOnlyList<string> CorsHeaders { get; set; } = [];

    /// <summary>Whether gRPC server reflection is served; default no.</summary>
    public bool Reflection { get; set; }

    /// <summary>
    /// How long a stop still accepts calls after readiness has failed, so that load balancers notice. Zero for none;
    /// default 2 s.
    /// </summary>
    public TimeSpan ShutdownDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a stop waits for running calls. Zero does not wait; default 30 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether the gateway stops when its standard input is closed: for programs that start one and hold the other end of that
    /// pipe, which the system closes when they end in whatever way. Default no.
    /// </summary>
    public bool StopOnStandardInputClose { get; set; }

    /// <summary>The effective max bytes in flight.</summary>
    internal long BytesInFlight => MaxBytesInFlight ?? Math.Max(MinBytesInFlight, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>The effective max number of connections.</summary>
    internal int Connections =>
        MaxConnections ?? (int)Math.Clamp(BytesInFlight / BytesPerConnection, MinDefaultConnections, MaxDefaultConnections);
}
