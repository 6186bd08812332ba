namespace Xmtp.Gateway.Bench.Load;

/// <summary>One order to the load generator: what to send where, for how long.</summary>
internal sealed record LoadWindow
{
    /// <summary>The server, gateway or proxy.</summary>
    public string Url { get; init; } = "";

    /// <summary>The server's process, whose processor time is read at the window's start and end.</summary>
    public int ServerId { get; init; }

    /// <summary>The process of the server's Redis, whose processor time is read at the same moments; 0 for none.</summary>
    public int RedisId { get; init; }

    /// <summary>Whether the server is asked what it allocates.</summary>
    public bool ReadsAllocations { get; init; }

    /// <summary>Where the server tells that.</summary>
    public int AllocationPort { get; init; }

    /// <summary>Whether the server is a gateway and gets client envelopes; else it gets payer envelopes, ready for the node.</summary>
    public bool IsGateway { get; init; }

    /// <summary>The bearer token that each call carries; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Calls in flight (closed loop).</summary>
    public int Callers { get; init; }

    /// <summary>
    /// How many callers more publish what the node refuses, from an address of their own (closed loop). Their calls do not count.
    /// </summary>
    public int RefusedCallers { get; init; }

    /// <summary>Calls a second (open loop); 0 for the closed loop.</summary>
    public double CallsPerSecond { get; init; }

    /// <summary>Envelopes in a call.</summary>
    public int EnvelopesPerCall { get; init; } = 1;

    /// <summary>The size of a client envelope in bytes.</summary>
    public int EnvelopeSize { get; init; } = 1024;

    /// <summary>
    /// The node that the topics belong to, where there are two of them (<see cref="NodeTopic"/>); 0 for any topics.
    /// </summary>
    public uint NodeId { get; init; }

    /// <summary>How long it runs before the window opens.</summary>
    public double RampSeconds { get; init; } = 0.5;

    /// <summary>How long the window is open.</summary>
    public required double Seconds { get; init; }
}

/// <summary>What the load generator saw while the window was open.</summary>
/// <param name="Calls">Calls that were answered with OK.</param>
/// <param name="Failures">Calls that were not, and calls that the open loop could not start.</param>
/// <param name="FirstFailure">What the first of those said.</param>
/// <param name="Seconds">How long the window was open.</param>
/// <param name="ServerCpuSeconds">The server's processor time.</param>
/// <param name="AllocatedBytes">What the server allocated; 0 when it was not asked.</param>
/// <param name="P50Milliseconds">The median time from start to answer.</param>
/// <param name="P99Milliseconds">The 99th percentile of the same.</param>
/// <param name="RedisCpuSeconds">The processor time of the server's Redis; 0 when it was not read.</param>
internal sealed record LoadFigures(
    long Calls,
    long Failures,
    string? FirstFailure,
    double Seconds,
    double ServerCpuSeconds,
    long AllocatedBytes,
    double P50Milliseconds,
    double P99Milliseconds,
    double RedisCpuSeconds);
