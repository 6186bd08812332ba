namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>What is wrong with a node, as a test or a developer wants it. A sound node has none of it.</summary>
public sealed record NodeFaults
{
    /// <summary>Nothing is wrong.</summary>
    public static NodeFaults None { get; } = new();

    /// <summary>
    /// An envelope is signed and inserted so much later than it was staged; not negative. The call waits for it, 30 s
    /// at most.
    /// </summary>
    public TimeSpan WorkerDelay { get; init; }

    /// <summary>Nothing that is staged is signed and inserted while this lasts.</summary>
    public bool WorkerStuck { get; init; }

    /// <summary>
    /// The database cannot be reached: a publish is INVALID_ARGUMENT with the database's address in the text, a query
    /// INTERNAL.
    /// </summary>
    public bool StorageUnavailable { get; init; }

    /// <summary>The service that looks into key packages cannot be reached: they are INVALID_ARGUMENT.</summary>
    public bool ValidationUnavailable { get; init; }

    /// <summary>The rates were not read for more than 60 minutes: a publish is INVALID_ARGUMENT.</summary>
    public bool RatesStale { get; init; }

    /// <summary>The App Chain is not read while this lasts: what depends on newer commits is INVALID_ARGUMENT.</summary>
    public bool IndexerStuck { get; init; }

    /// <summary>What the node knows of other originators is so much older than usual; not negative.</summary>
    public TimeSpan ViewDelay { get; init; }

    /// <summary>The database takes no writes: a publish is UNKNOWN, queries are answered.</summary>
    public bool DatabaseReadOnly { get; init; }

    /// <summary>Another node answers at this address: every envelope has the wrong target, INVALID_ARGUMENT.</summary>
    public bool OtherNode { get; init; }

    /// <summary>What a publish gets in place of being looked at; null for nothing of the kind.</summary>
    public PublishFault? BeforeStaging { get; init; }

    /// <summary>What a publish gets once it is staged, and will be published and charged; null for nothing of the kind.</summary>
    public PublishFault? AfterStaging { get; init; }

    // What the worker needs: its batch fails as a whole without the database or rates, and is tried again.
    internal bool WorkerStands => WorkerStuck || StorageUnavailable || DatabaseReadOnly || RatesStale;
}
