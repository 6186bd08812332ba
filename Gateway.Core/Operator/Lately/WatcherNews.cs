namespace Xmtp.Gateway.Operator.Lately;

/// <summary>What a chain watcher tells.</summary>
/// <param name="Fault">Why there is nothing new; null when it answered.</param>
/// <param name="Events">The last events, newest first.</param>
/// <param name="Behind">By how many envelopes the node that lacks most is behind, by originator; empty when it is not watched.</param>
internal sealed record WatcherNews(string? Fault, IReadOnlyList<WatcherEvent> Events, IReadOnlyDictionary<uint, ulong> Behind);

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
