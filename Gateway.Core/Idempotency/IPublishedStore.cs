namespace Xmtp.Gateway.Idempotency;

/// <summary>What a store says of an envelope that is to be published.</summary>
internal enum ClaimState
{
    /// <summary>Nobody published it within the window; the claim is the caller's, who owes an end.</summary>
    Mine,

    /// <summary>Someone else is publishing it.</summary>
    Busy,

    /// <summary>It was published, with this answer.</summary>
    Published,

    /// <summary>It was published, and the server that keeps answers has its answer no more, or does not tell.</summary>
    AnswerGone,

    /// <summary>
    /// The store that replicas share does not answer, or holds what this release cannot read: whether someone else
    /// publishes it, or did, is not known. The claim may be the caller's, who asks again or owes an end.
    /// </summary>
    Unanswered,
}

/// <summary>A claim, and the answer where there is one.</summary>
internal readonly record struct Claim(ClaimState State, PublishedAnswer Answer = default);

/// <summary>Remembers what was published within the window, and who publishes what now, so that nothing is published twice.</summary>
/// <remarks>
/// Thread-safe. Nothing here throws for a store that is away. An operation can be repeated by its owner; owners are
/// numbers that no two claims of one process share.
/// </remarks>
internal interface IPublishedStore
{
    /// <summary>Claims an envelope.</summary>
    ValueTask<Claim> ClaimAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken);

    /// <summary>Claims envelopes; one answer a key, in order. Keys must differ.</summary>
    ValueTask<Claim[]> ClaimAsync(IReadOnlyList<EnvelopeKey> keys, ulong owner, CancellationToken cancellationToken);

    /// <summary>Takes a claim from an owner that is gone, or that has sent nothing because the shared store has not answered it.</summary>
    /// <returns>Mine, or Published; Busy when an owner of this very process publishes with it; Unanswered.</returns>
    ValueTask<Claim> SeizeAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a claim: with the answer, or with null when it was not published. Whoever waits wakes. The answer is read
    /// before this returns.
    /// </summary>
    /// <param name="key">The envelope.</param>
    /// <param name="owner">Whose claim it is.</param>
    /// <param name="answer">The answer; null when it was not published.</param>
    /// <param name="onPersisted">
    /// Called once every process that shares the store finds the answer, which may be after this returned, or once it is
    /// given up: the window passed, or there is no room for it. Not called when this process ends first.
    /// </param>
    ValueTask EndAsync(EnvelopeKey key, ulong owner, PublishedAnswer? answer, Action? onPersisted = null);

    /// <summary>
    /// Leaves a claim to its lease, and in memory to the window: whether the envelope was published is for whoever takes it
    /// over to find out.
    /// </summary>
    void Abandon(EnvelopeKey key, ulong owner);

    /// <summary>
    /// Whether a claim of this process is surely still its own: false once a lease may have passed since the store last
    /// said so. True where this process claims nothing.
    /// </summary>
    bool IsSure(EnvelopeKey key);

    /// <summary>
    /// Returns when some of the envelopes that were busy may no longer be; they may be so still. A store that does not
    /// answer is waited for.
    /// </summary>
    /// <returns>Which those are: their places in the list, ascending; at least one.</returns>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    ValueTask<IReadOnlyList<int>> WaitAsync(IReadOnlyList<EnvelopeKey> keys, CancellationToken cancellationToken);

    /// <summary>Returns when an envelope that was busy may no longer be.</summary>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    async ValueTask WaitAsync(EnvelopeKey key, CancellationToken cancellationToken) =>
        await WaitAsync([key], cancellationToken).ConfigureAwait(false);
}
