using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Admission;

/// <summary>
/// Decides by a call's headers whether its body is read: there must be room, and the caller must be identified and admitted.
/// </summary>
/// <remarks>Any other caller costs only the headers of a call. No body is read, unpacked or parsed before this.</remarks>
internal sealed partial class CallAdmission(
    BytesInFlight budget,
    IIdentityResolver identities,
    ForeignOrigins origins,
    IOptions<ClientAddressOptions> addresses,
    ILogger<CallAdmission> logger)
{
    /// <summary>
    /// The bytes that an open call takes besides its headers and body: the server's objects and buffers for it.
    /// </summary>
    private const int OpenCall = 4096;

    private readonly IReadOnlyList<IPNetwork> _trusted = addresses.Value.TrustedProxies;

    /// <summary>Starts to count a call. The headers count from <see cref="TakeHeaders"/> on.</summary>
    internal CallBytes Begin(HttpContext call)
    {
        return new CallBytes(budget, ClientOf(call) is { } client ? CallerHash.Of(client) : null);
    }

    /// <summary>The client's address: the connection's peer, or the client of a trusted proxy; null without an address.</summary>
    internal IPAddress? ClientOf(HttpContext call) =>
        _trusted.Count == 0 ? call.Connection.RemoteIpAddress : ForwardedFor.Client(call, _trusted);

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

    /// <summary>Counts the headers, and identifies the caller and decides on it if the method requires it.</summary>
    /// <returns>The caller, or an error; neither for a method that serves everyone.</returns>
    internal async ValueTask<(ClientIdentity? Caller, PublishError? Error)> AdmitAsync(
        HttpContext call, IUnaryMethod method, PublishDeadline deadline, CallBytes bytes)
    {
        if (TakeHeaders(call, bytes) is { } full) return (null, full);
        if (!method.NeedsIdentity) return (null, bytes.AttributeToAddress());
        try
        {
            var who = await deadline.Bound(identities.ResolveAsync(call, call.RequestAborted), call.RequestAborted).ConfigureAwait(false);
            if (who.Identity is not { } identity) return (null, PublishFaults.Unidentified(who));
            if (who.Token is { } token) call.Features.Set(token);
            return (
                identity,
                bytes.BelongsTo(identity)
                    ?? origins.Check(call.Request, identity)
                    ?? await method.AdmitAsync(call, identity, deadline).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // a resolver is user code, and its exception is not for the caller
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var error = PublishFaults.Of(exception, call.RequestAborted);
            if (error == PublishFaults.Internal) LogFailed(logger, exception);
            return (null, error);
        }
    }

    [LoggerMessage(EventIds.CallAdmissionBroke, LogLevel.Error, "the identity resolver threw; the call is refused")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
