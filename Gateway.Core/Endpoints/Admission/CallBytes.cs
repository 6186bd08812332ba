using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Admission;

/// <summary>
/// The bytes that one call holds of <see cref="BytesInFlight"/>. They grow with what arrived or was unpacked, not with
/// what was announced.
/// </summary>
/// <param name="budget">The gateway's count.</param>
/// <param name="address">The <see cref="CallerHash"/> of the connection's peer; null when it has no address.</param>
/// <remarks>Used by one call, not concurrently.</remarks>
internal sealed class CallBytes(BytesInFlight budget, uint? address)
{
    // What an address holds without identity is counted apart from what it holds in all.
    private const uint AnonymousSalt = 0x9E3779B9;

    private const string Reason = "BYTES_IN_FLIGHT";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly PublishError Full = Refusal(
        "the gateway holds as many bytes of requests as it may (--api.max-bytes-in-flight); try again", Pause);
    private static readonly PublishError ShareUsed = Refusal(
        "your requests that are under way hold a quarter of what the gateway may hold (--api.max-bytes-in-flight); try again when they " +
        "are done",
        Pause);

    private static readonly PublishError TooLarge = Refusal(
        "the request takes more than a quarter of what the gateway may hold (--api.max-bytes-in-flight), compressed and JSON requests " +
        "twice their size; split the batch",
        null);

    private static readonly PublishError AnonymousFull = Refusal(
        "calls without identity hold as many bytes as they may (an eighth of --api.max-bytes-in-flight); try again", Pause);

    private uint? _identity;
    private bool _isAnonymous;
    private long _held;

    /// <summary>The caller; null until it was identified.</summary>
    internal ClientIdentity? Caller { get; private set; }

    /// <summary>Reserves more bytes.</summary>
    /// <returns>Null, or the error; then nothing was reserved.</returns>
    internal PublishError? Reserve(long bytes)
    {
        if (!budget.TryTake(bytes)) return Refuse(Full, byCaller: false);
        _held += bytes;
        var (max, isCrowded) = Count(bytes);
        if (max <= budget.Share && !isCrowded) return null;
        Release(bytes);
        if (isCrowded) return Refuse(AnonymousFull, byCaller: false);
        return Refuse(_held + bytes > budget.Share ? TooLarge : ShareUsed, byCaller: true);
    }

    /// <summary>
    /// Counts bytes that are held already, such as an answer that was paid for. Later callers have less room.
    /// </summary>
    internal void Hold(long bytes)
    {
        budget.Take(bytes);
        _held += bytes;
        Count(bytes);
    }

    /// <summary>Releases some bytes before the call ends.</summary>
    internal void Release(long bytes)
    {
        budget.Give(bytes);
        _held -= bytes;
        Count(-bytes);
    }

    /// <summary>Also counts what the call holds for its identity, from now on.</summary>
    /// <returns>Null, or the error when the identity may hold no more.</returns>
    internal PublishError? BelongsTo(ClientIdentity caller)
    {
        Caller = caller;
        // A client identified by its address is counted already.
        if (caller.Kind == ClientAddressIdentityResolver.Kind) return null;
        _identity = CallerHash.Of(caller);
        return budget.Count(_identity.Value, _held) <= budget.Share ? null : Refuse(ShareUsed, byCaller: true);
    }

    /// <summary>Also counts what the call holds as that of a caller without identity, from now on.</summary>
    /// <returns>Null, or the error when such calls may hold no more.</returns>
    internal PublishError? AttributeToAddress()
    {
        _isAnonymous = true;
        return IsCrowded(_held) ? Refuse(AnonymousFull, byCaller: false) : null;
    }

    /// <summary>Releases all bytes.</summary>
    internal void End() => Release(_held);

    // A quarter of the share for one address, so that one client does not take it from all.
    private bool IsCrowded(long bytes)
    {
        var ofAddress = address is { } from ? budget.Count(from ^ AnonymousSalt, bytes) : 0;
        return budget.CountAnonymous(bytes) > budget.AnonymousShare || ofAddress > budget.AnonymousShare / 4;
    }

    private (long OfCaller, bool IsCrowded) Count(long bytes)
    {
        var max = 0L;
        if (address is { } from) max = budget.Count(from, bytes);
        if (_identity is { } who) max = Math.Max(max, budget.Count(who, bytes));
        return (max, _isAnonymous && IsCrowded(bytes));
    }

    private static PublishError Refusal(
        string message, TimeSpan? wait) => new(PublishErrorKind.ResourceExhausted, message) { RetryAfter = wait, Reason = Reason };

    private PublishError Refuse(PublishError error, bool byCaller)
    {
        budget.Refused(byCaller);
        return error;
    }
}
