using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Admission;

/// <summary>
/// Decides by a call's headers whether its body is read: there must be room, and the caller must be identified.
/// </summary>
/// <remarks>An unidentified caller costs only the headers of a call. No body is read, unpacked or parsed before this.</remarks>
internal sealed partial class CallAdmission(
    BytesInFlight budget, IIdentityResolver identities, IOptions<ClientAddressOptions> addresses, ILogger<CallAdmission> logger)
{
    /// <summary>
    /// The bytes that an open call takes besides its headers and body: the server's objects and buffers for it.
    /// </summary>
    private const int OpenCall = 4096;

    private readonly IReadOnlyList<System.Net.IPNetwork> _trusted = addresses.Value.TrustedProxies;

    /// <summary>Starts to count a call. The headers count from <see cref="TakeHeaders"/> on.</summary>
    internal CallBytes Begin(HttpContext call)
    {
        if (call.Connection.RemoteIpAddress is not { } peer) return new CallBytes(budget, null);
        return new CallBytes(
            budget,
            CallerHash.Of(_trusted.Count == 0 ? peer : ForwardedFor.Client(peer, call.Request.Headers["X-Forwarded-For"], _trusted)));
    }

    /// <summary>Counts a call's headers.</summary>
    /// <returns>Null, or the error when there is no room.</returns>
    internal static PublishError? TakeHeaders(HttpContext call, CallBytes bytes)
    {
        long characters = 0;
        foreach (var (name, values) in call.Request.Headers)
        {
            characters += name.Length;
            for (var i = 0; i < values.Count; i++) characters += values[i]?.Length ?? 0;
        }

        return bytes.Reserve(OpenCall + characters * sizeof(char));
    }

    /// <summary>Counts the headers, and identifies the caller if the method requires it.</summary>
    /// <returns>The caller, or an error; neither for a method that serves everyone.</returns>
    internal async ValueTask<(ClientIdentity? Caller, PublishError? Error)> AdmitAsync(
        HttpContext call, IUnaryMethod method, PublishDeadline deadline, CallBytes bytes)
    {
        if (TakeHeaders(call, bytes) is { } full) return (null, full);
        if (!method.NeedsIdentity) return (null, null);
        try
        {
            var who = await deadline.Bound(identities.ResolveAsync(call, call.RequestAborted), call.RequestAborted).ConfigureAwait(false);
            return who.Identity is { } identity ? (identity, bytes.BelongsTo(identity)) : (null, PublishFaults.Unidentified(who));
        }
        catch (OperationCanceledException) when (call.RequestAborted.IsCancellationRequested)
        {
            return (null, PublishFaults.CallerLeft);
        }
        catch (DeadlinePassedException)
        {
            return (null, PublishFaults.DeadlinePassed);
        }
#pragma warning disable CA1031 // a resolver is user code, and its exception is not for the caller
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogBroke(logger, exception);
            return (null, PublishFaults.Internal);
        }
    }

    [LoggerMessage(EventIds.CallAdmissionBroke, LogLevel.Error, "the identity resolver threw; the call is refused")]
    private static partial void LogBroke(ILogger logger, Exception fault);
}
