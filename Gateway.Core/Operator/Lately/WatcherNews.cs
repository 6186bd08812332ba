namespace Xmtp.Gateway.Operator.Lately;

/// <summary>What a chain watcher tells.</summary>
internal sealed record WatcherNews
{
    /// <summary>Why there are no new events; null when they were read.</summary>
    public string? Fault { get; init; }

    /// <summary>The last events, newest first.</summary>
    public IReadOnlyList<WatcherEvent> Events { get; init; } = [];

    /// <summary>Why it is not known whether nodes hear each other; null when it is.</summary>
    public string? NetworkFault { get; init; }

    /// <summary>
    /// By how many envelopes of each node the other node that lacks most is behind; without those of which it is not known.
    /// </summary>
    public IReadOnlyDictionary<uint, ulong> Behind { get; init; } = new Dictionary<uint, ulong>();

    /// <summary>The newest block of each chain that the watcher knows; empty when it does not tell.</summary>
    public IReadOnlyDictionary<string, WatchedHead> Heads { get; init; } = new Dictionary<string, WatchedHead>();
}

/// <summary>How far a chain watcher follows a chain.</summary>
/// <param name="Head">The newest block that it knows.</param>
/// <param name="Behind">How many blocks up to that it has still to read.</param>
internal sealed record WatchedHead(ulong Head, ulong Behind);

/// <summary>An event of one of the chains, as <c>/v1/history</c> has it.</summary>
internal sealed record WatcherEvent
{
    /// <summary>app-chain or settlement-chain.</summary>
    public string? Chain { get; init; }

    /// <summary>The event's name, such as <c>Deposit</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The block's height.</summary>
    public ulong Block { get; init; }

    /// <summary>The block's time in Unix seconds; null when it is unknown.</summary>
    public ulong? Time { get; init; }

    /// <summary>The transaction's hash.</summary>
    public string? Transaction { get; init; }

    /// <summary>The node concerned.</summary>
    public uint? Node { get; init; }

    /// <summary>The payer concerned.</summary>
    public string? Payer { get; init; }

    /// <summary>The amount in microdollars, as text.</summary>
    public string? Microdollars { get; init; }

    /// <summary>Any other content.</summary>
    public string? Text { get; init; }
}
