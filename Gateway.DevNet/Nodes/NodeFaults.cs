namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The faults injected into a node by a test or a developer. A healthy node has none.</summary>
public sealed record NodeFaults
{
    /// <summary>No faults.</summary>
    public static NodeFaults None { get; } = new();

    /// <summary>
    /// The delay from staging an envelope to signing and inserting it; not negative. The call waits for that, 30 s at
    /// most.
    /// </summary>
    public TimeSpan WorkerDelay { get; init; }

    /// <summary>Whether staged envelopes are not signed and inserted.</summary>
    public bool WorkerStuck { get; init; }

    /// <summary>
    /// The database is unavailable: a publish is INVALID_ARGUMENT with the database's address in the text, a query is
    /// INTERNAL.
    /// </summary>
    public bool StorageUnavailable { get; init; }

    /// <summary>The validation service for key packages is unavailable: publishing one is INVALID_ARGUMENT.</summary>
    public bool ValidationUnavailable { get; init; }

    /// <summary>The rates are older than 60 minutes: a publish is INVALID_ARGUMENT.</summary>
    public bool RatesStale { get; init; }

    /// <summary>The App Chain is not read: an envelope that depends on newer commits is INVALID_ARGUMENT.</summary>
    public bool IndexerStuck { get; init; }

    /// <summary>The additional delay of the node's view of other originators; not negative.</summary>
    public TimeSpan ViewDelay { get; init; }

    /// <summary>
    /// QueryEnvelopes shows none of this node's own envelopes, as until a real node reads its list of originators again, for
    /// up to 5 minutes after its first envelope.
    /// </summary>
    public bool OriginatorHidden { get; init; }

    /// <summary>
    /// No replication, in either direction: it accepts and serves envelopes, gives other nodes none and takes none of theirs.
    /// </summary>
    public bool ReplicationStopped { get; init; }

    /// <summary>The database is read-only: a publish is UNKNOWN, queries work.</summary>
    public bool DatabaseReadOnly { get; init; }

    /// <summary>Another node listens at this address: every envelope has the wrong target, INVALID_ARGUMENT.</summary>
    public bool OtherNode { get; init; }

    /// <summary>The fault of a publish instead of its checks; null for none.</summary>
    public PublishFault? BeforeStaging { get; init; }

    /// <summary>The fault of a publish after it is staged, so that it is published and charged; null for none.</summary>
    public PublishFault? AfterStaging { get; init; }

    // The worker needs the database and the rates: without them its batch fails as a whole and is retried.
    internal bool IsWorkerStopped => WorkerStuck || StorageUnavailable || DatabaseReadOnly || RatesStale;
}
