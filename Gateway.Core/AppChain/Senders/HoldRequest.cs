using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>Calls to enter.</summary>
/// <param name="Topic">The topic, as the store names it.</param>
/// <param name="Ids">The ids of the calls, each with the key of its payload in front of a dot.</param>
/// <param name="Candidates">The senders, the topic's first choice first, those without gas last.</param>
/// <param name="Ended">Calls whose leases have ended and that are in doubt nowhere: removed if their leases are still those.</param>
/// <param name="IsInDoubt">Whether a call whose lease has ended may still be mined: then the topic stays at its sender.</param>
internal sealed record HoldRequest(
    string Topic,
    IReadOnlyList<string> Ids,
    IReadOnlyList<EthereumAddress> Candidates,
    IReadOnlyList<(string Id, string Until)> Ended,
    bool IsInDoubt);

/// <summary>The result of entering calls.</summary>
/// <param name="Status">The result.</param>
/// <param name="Sender">The sender of the topic, in lower case, if it was entered or its leases have ended.</param>
/// <param name="Ended">The calls whose leases have ended.</param>
internal sealed record HoldAnswer(HoldStatus Status, string? Sender, IReadOnlyList<(string Id, string Until)> Ended)
{
    /// <summary>The store did not answer: the calls may have been entered or not.</summary>
    internal static HoldAnswer Unavailable { get; } = new(HoldStatus.Unavailable, null, []);
}

/// <summary>What became of a request to enter calls.</summary>
internal enum HoldStatus
{
    /// <summary>They are entered.</summary>
    Done,

    /// <summary>The leases of all calls of the topic have ended: the nonces of its sender tell whether one is in doubt.</summary>
    Ended,

    /// <summary>The store is new, or was emptied: replicas enter what they have under way. Retry soon.</summary>
    Settling,

    /// <summary>The store did not answer.</summary>
    Unavailable,
}
