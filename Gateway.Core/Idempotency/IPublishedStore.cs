using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Idempotency;

/// <summary>The store's result for an envelope that is to be published.</summary>
internal enum ClaimState
{
    /// <summary>The envelope was not published within the window; the caller now holds the claim and must end it.</summary>
    Mine,

    /// <summary>Another owner is publishing it.</summary>
    Busy,

    /// <summary>It was published, with this answer.</summary>
    Published,

    /// <summary>
    /// It was published, but its answer is no longer kept, or the server that keeps answers does not respond.
    /// </summary>
    AnswerGone,

    /// <summary>
    /// This process remembers as many published envelopes as it may, and could not remember this one: nothing was claimed.
    /// </summary>
    NoRoom,

    /// <summary>
    /// The shared store does not answer, or holds what this release cannot read: it is not known whether another
    /// process publishes the envelope, or did. The caller may hold the claim, and must either retry or end it.
    /// </summary>
    Unanswered,
}

/// <summary>The result of a claim, with the answer if there is one.</summary>
internal readonly record struct Claim(ClaimState State, PublishedAnswer Answer = default);

/// <summary>
/// Records what was published within the window and which owner publishes what now, so that nothing is published twice.
/// </summary>
/// <remarks>
/// Thread-safe. Does not throw when the store is unavailable. An owner can repeat its operations; owners are numbers
/// that are unique per claim within a process.
/// </remarks>
internal interface IPublishedStore
{
    /// <summary>Claims an envelope.</summary>
    ValueTask<Claim> ClaimAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken);

    /// <summary>Claims envelopes; one result per key, in order. Keys must differ.</summary>
    ValueTask<Claim[]> ClaimAsync(IReadOnlyList<EnvelopeKey> keys, ulong owner, CancellationToken cancellationToken);

    /// <summary>
    /// Takes over a claim from an owner that is lost, or that has sent nothing because the shared store has not answered it.
    /// </summary>
    /// <returns>Mine, or Published; Busy when an owner in this process publishes under the claim; or Unanswered.</returns>
    ValueTask<Claim> TakeOverAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a claim: with the answer, or with null when the envelope was not published. Wakes the waiting callers. The
    /// answer is read before this returns.
    /// </summary>
    /// <param name="key">The envelope.</param>
    /// <param name="owner">The owner of the claim.</param>
    /// <param name="answer">The answer; null when it was not published.</param>
    /// <param name="onPersisted">
    /// Called once every process that shares the store can find the answer, which may be after this returned; or once
    /// storing it is given up, because the window passed or there is no room. Not called when this process ends first.
    /// </param>
    ValueTask EndAsync(EnvelopeKey key, ulong owner, PublishedAnswer? answer, Action? onPersisted = null);

    /// <summary>
    /// Ends a claim by the final outcome of its envelope, as above, or abandons it when the outcome is in doubt.
    /// </summary>
    /// <param name="key">The envelope.</param>
    /// <param name="owner">The owner of the claim.</param>
    /// <param name="outcome">The outcome.</param>
    /// <param name="answer">Its answer; null when it was not published.</param>
    /// <remarks>
    /// A mined transaction leaves the nonce store only after its answer is stored: a crash in between finds it in one of
    /// the two stores.
    /// </remarks>
    ValueTask EndAsync(EnvelopeKey key, ulong owner, EnvelopeOutcome outcome, PublishedAnswer? answer)
    {
        if (!outcome.IsInDoubt) return EndAsync(key, owner, answer, outcome.OnPersisted);
        Abandon(key, owner);
        outcome.OnPersisted?.Invoke();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends claims of one owner, each as above. The answers are read before this returns.</summary>
    async ValueTask EndAsync(IReadOnlyList<EndedClaim> ended, ulong owner)
    {
        foreach (var one in ended) await EndAsync(one.Key, owner, one.Answer, one.OnPersisted).ConfigureAwait(false);
    }

    /// <summary>
    /// Leaves a claim to end with its lease, in memory with the window: the process that takes it over must find out
    /// whether the envelope was published.
    /// </summary>
    void Abandon(EnvelopeKey key, ulong owner);

    /// <summary>
    /// Whether a claim certainly still belongs to this process: false once a lease may have passed since the store last
    /// confirmed it. True when this process holds no claim.
    /// </summary>
    bool IsSure(EnvelopeKey key);

    /// <summary>
    /// Whether all claims of this process certainly still belong to it. Costs no key; when false, <see cref="IsSure"/> tells
    /// for each.
    /// </summary>
    bool AreSure { get; }

    /// <summary>
    /// Waits until some of the busy envelopes may no longer be busy; they may be busy still. Retries a store that does
    /// not answer.
    /// </summary>
    /// <returns>The indexes of those envelopes, ascending; at least one.</returns>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    ValueTask<IReadOnlyList<int>> WaitAsync(IReadOnlyList<EnvelopeKey> keys, CancellationToken cancellationToken);

    /// <summary>Waits until a busy envelope may no longer be busy.</summary>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    async ValueTask WaitAsync(EnvelopeKey key, CancellationToken cancellationToken) =>
        await WaitAsync([key], cancellationToken).ConfigureAwait(false);
}
