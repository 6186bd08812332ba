namespace Xmtp.Gateway.Operator.Replicas;

/// <summary>What one replica reports of itself, also to the others. Contains no secret and no identity.</summary>
internal sealed record ReplicaReport
{
    /// <summary>Different for each start of a process.</summary>
    public required string Id { get; init; }

    /// <summary>The machine and the port, such as <c>gateway-1:5050</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The release that it runs.</summary>
    public required string Version { get; init; }

    /// <summary>The version of its payers file in force; null without one.</summary>
    public string? PayersFile { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>ready, degraded or not ready.</summary>
    public required string Health { get; init; }

    /// <summary>Its health checks.</summary>
    /// <remarks>It can be set, as all that have a default: the generated reader would set an <c>init</c> that is missing to null.</remarks>
    public IReadOnlyList<ReplicaCheck> Checks { get; set; } = [];

    /// <summary>The nodes, as it sees them.</summary>
    public IReadOnlyList<ReplicaNode> Nodes { get; set; } = [];

    /// <summary>The providers of both chains, as they served it.</summary>
    public IReadOnlyList<ReplicaChain> Chains { get; set; } = [];

    /// <summary>Its transactions that are not final.</summary>
    public int InFlight { get; init; }

    /// <summary>The age of the oldest of them, in seconds.</summary>
    public double OldestSeconds { get; init; }

    /// <summary>The messages that it published since it started.</summary>
    public long Messages { get; init; }

    /// <summary>The node fees of these, in picodollars.</summary>
    public string Fees { get; set; } = "0";
}

/// <summary>A health check of a replica.</summary>
/// <param name="Name">Such as <c>redis</c>.</param>
/// <param name="Level">0 healthy, 1 degraded, 2 unhealthy.</param>
/// <param name="Detail">What it found; null for nothing.</param>
internal sealed record ReplicaCheck(string Name, int Level, string? Detail);

/// <summary>A node, as a replica sees it.</summary>
/// <param name="Id">The originator id.</param>
/// <param name="State">well, unused, open (its circuit breaker) or banned.</param>
/// <param name="Publishes">Calls that it answered since the replica's start.</param>
/// <param name="Envelopes">The envelopes in these.</param>
/// <param name="Failures">Attempts that failed, by what was wrong.</param>
/// <param name="Durations">How many of the last minutes' publishes took how long, by step.</param>
internal sealed record ReplicaNode(
    uint Id,
    string State,
    long Publishes,
    long Envelopes,
    IReadOnlyDictionary<string, long> Failures,
    IReadOnlyDictionary<int, long> Durations);

/// <summary>How the provider of a chain served a replica.</summary>
/// <param name="Name">app-chain or settlement-chain, as the health check.</param>
/// <param name="Failures">Requests since the replica's start that the provider failed, by kind.</param>
internal sealed record ReplicaChain(string Name, IReadOnlyDictionary<string, long> Failures);
