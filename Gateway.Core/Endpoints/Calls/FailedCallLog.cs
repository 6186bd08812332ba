using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Endpoints.Errors;
using Xmtp.Gateway.Endpoints.Telemetry;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Logs the calls that failed or were refused, at most 10 lines a second for each method, code and reason.</summary>
/// <remarks>
/// What the gateway or its upstreams caused is an error, what the caller caused and a deadline that passed is a warning, and
/// a caller that left is information. The line has the text that the caller got, and the hash of its identity.
/// </remarks>
internal sealed partial class FailedCallLog(TimeProvider time, ILogger<FailedCallLog> logger, IRefusalCounter? usage = null)
{
    private const int LinesPerWindow = 10;

    // A program's own rules may have reasons without number.
    private const int MaxKinds = 1024;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<(string Procedure, StatusCode Code, string Reason), LogThrottle> _throttles = new();
    private int _kinds;

    /// <summary>Writes the line of a call, and counts it for its caller.</summary>
    /// <param name="procedure">The path of its method.</param>
    /// <param name="status">Its error.</param>
    /// <param name="caller">Who called; null when the caller was not identified.</param>
    /// <param name="took">How long it took.</param>
    internal void Write(string procedure, CallStatus status, ClientIdentity? caller, TimeSpan took)
    {
        if (status.Code != StatusCode.Cancelled) usage?.Refused(caller, status.Reason);
        var level = Level(status.Code);
        if (!logger.IsEnabled(level) || !Throttle(procedure, status).TryPass(out var suppressed)) return;
        var (code, milliseconds) = (CallMetrics.Name(status.Code), Math.Round(took.TotalMilliseconds, 3));
        var (kind, identity) = caller is null ? ("none", "none") : (caller.Kind, IdentityHash.Of(caller));
        LogFailed(logger, level, procedure, code, status.Reason, milliseconds, kind, identity, status.Message, suppressed);
    }

    private static LogLevel Level(StatusCode code) => code switch
    {
        StatusCode.Cancelled => LogLevel.Information,
        StatusCode.InvalidArgument
            or StatusCode.Unauthenticated
            or StatusCode.PermissionDenied
            or StatusCode.NotFound
            or StatusCode.ResourceExhausted
            or StatusCode.DeadlineExceeded
            or StatusCode.Unimplemented => LogLevel.Warning,
        _ => LogLevel.Error,
    };

    private LogThrottle Throttle(string procedure, CallStatus status)
    {
        if (_throttles.TryGetValue((procedure, status.Code, status.Reason), out var known)) return known;
        var reason = Volatile.Read(ref _kinds) < MaxKinds && Interlocked.Increment(ref _kinds) <= MaxKinds ? status.Reason : "";
        return _throttles.GetOrAdd(
            (procedure, status.Code, reason), static (_, clock) => new LogThrottle(Window, clock, LinesPerWindow), time);
    }

    [LoggerMessage(
        EventId = EventIds.CallFailed,
        Message = "client unary RPC error: {Method} ended {Code} ({Reason}) after {DurationMs} ms, identity {IdentityKind} {Identity}: " +
            "{Error}; {Suppressed} such lines were suppressed before")]
    private static partial void LogFailed(
        ILogger logger,
        LogLevel level,
        string method,
        string code,
        string reason,
        double durationMs,
        string identityKind,
        string identity,
        string error,
        long suppressed);
}
