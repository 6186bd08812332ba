using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// Checks right before a send whether another process may have taken the claim of an envelope: this one may not have run
/// for a while, or the store did not confirm the claim for a lease. Thread-safe.
/// </summary>
/// <param name="store">The claims; null when repetitions are not recognized.</param>
internal sealed class LapsedClaims(IPublishedStore? store)
{
    private const string Lapsed =
        "the shared store has not confirmed in time that this gateway publishes the envelope, and another one may do so; it ";

    /// <summary>Whether no claim may have ended.</summary>
    internal bool AreSure => store is null || store.AreSure;

    /// <summary>The error of an envelope that is not sent for it.</summary>
    /// <param name="mayBeTaken">Whether a node may have it from an earlier attempt.</param>
    internal static PublishError Error(bool mayBeTaken) =>
        new(PublishErrorKind.Unavailable, Lapsed + (mayBeTaken ? "may still be published" : "was not sent"))
        {
            Reason = PublishError.StoreUnavailable,
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    /// <summary>Whether the claim of one of these envelopes may have ended.</summary>
    internal bool Contain(ClientIdentity? caller, IReadOnlyList<ParsedEnvelope> envelopes)
    {
        if (AreSure || caller is null) return false;
        for (var i = 0; i < envelopes.Count; i++)
        {
            if (!store!.IsSure(EnvelopeKey.Of(caller, envelopes[i]))) return true;
        }

        return false;
    }
}
