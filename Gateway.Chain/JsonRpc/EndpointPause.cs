using System.Collections.Concurrent;
using Xmtp.Gateway.Chain.Streaming;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// How long no request is sent to an endpoint that rate-limits, or asks for a wait, and whether it answers; shared by all
/// its callers in this process.
/// </summary>
/// <remarks>
/// Thread-safe. The pause is the endpoint's Retry-After, up to a minute; without one it doubles while the endpoint goes
/// on limiting, up to 10 s.
/// </remarks>
internal sealed class EndpointPause
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(1);
    private static readonly ConcurrentDictionary<string, EndpointPause> All = new(StringComparer.Ordinal);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly Backoff _backoff = new(FirstWait, MaxWait);
    private readonly long[] _failures = new long[Enum.GetValues<RpcErrorKind>().Length];
    private TimeSpan _wait;
    private long _since;
    private int? _unavailable;
    private string _message = string.Empty;
    private long _sent;
    private long _answered;

    /// <summary>
    /// The instance shared by all transports with this URL, over HTTP and WebSocket: an endpoint counts its limit by the
    /// key in the URL, whatever the protocol.
    /// </summary>
    public static EndpointPause Of(Uri url) => All.GetOrAdd(KeyOf(url), _ => new EndpointPause());

    /// <summary>The number of the newest request over HTTP that was answered; 0 before the first.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Whether a request over HTTP was sent after the newest one that was answered.</summary>
    public bool HasUnanswered => Interlocked.Read(ref _sent) > Interlocked.Read(ref _answered);

    /// <summary>How many requests over HTTP the endpoint failed since the process started, by kind.</summary>
    public IReadOnlyDictionary<RpcErrorKind, long> Failures => Enum.GetValues<RpcErrorKind>()
        .Select(kind => (Kind: kind, Times: Interlocked.Read(ref _failures[(int)kind])))
        .Where(failed => failed.Times > 0)
        .ToDictionary(failed => failed.Kind, failed => failed.Times);

    /// <summary>The rest of the pause; null when there is none.</summary>
    public TimeSpan? Left
    {
        get
        {
            lock (_gate)
                return _wait > TimeSpan.Zero && _wait - _time.GetElapsedTime(_since) is var left && left > TimeSpan.Zero ? left : null;
        }
    }

    /// <summary>
    /// The error of a request that is not sent because of the pause; null when there is none. Its kind is that of the
    /// response that began the pause: for an endpoint that is unavailable nobody waits as long as for one that limits.
    /// </summary>
    public RpcError? Refuse(string method, string endpoint)
    {
        lock (_gate)
        {
            if (Left is not { } left) return null;
            var (kind, words) = _unavailable is null
                ? (RpcErrorKind.RateLimited, "limits its requests")
                : (RpcErrorKind.Transport, "was unavailable");
            var pause = $"{endpoint} {words}; no request is sent for {left.TotalSeconds:0.#} s: {_message}";
            return new RpcError(method, kind, _unavailable ?? 0, pause)
            {
                RetryAfter = left,
                IsUnsent = true,
            };
        }
    }

    /// <summary>Records a response: it begins a pause, or shows that the endpoint answers.</summary>
    /// <returns>The error, with the rest of the pause as its <see cref="RpcError.RetryAfter"/>; null when there is none.</returns>
    public RpcError? Observe(RpcError? error)
    {
        if (error is { Kind: RpcErrorKind.RateLimited } or { Kind: RpcErrorKind.Transport, RetryAfter: not null })
            return error with { RetryAfter = Begin(error) };
        End();
        return error;
    }

    /// <summary>Counts a request over HTTP that is sent; its number.</summary>
    public long CountSent() => Interlocked.Increment(ref _sent);

    /// <summary>Counts a response by the number of its request: a result, or an error that the chain itself decided on.</summary>
    public void CountAnswered(long number)
    {
        for (var newest = Answered; number > newest;)
        {
            var seen = Interlocked.CompareExchange(ref _answered, number, newest);
            if (seen == newest) return;
            newest = seen;
        }
    }

    /// <summary>Counts a request over HTTP that the endpoint failed.</summary>
    public void CountFailed(RpcErrorKind kind) => Interlocked.Increment(ref _failures[(int)kind]);

    /// <summary>Begins a pause for an error.</summary>
    /// <returns>How long no request is sent from now on.</returns>
    public TimeSpan Begin(RpcError error)
    {
        lock (_gate)
        {
            _message = error.Message;
            // Requests in flight at the same time are refused together: that counts as one refusal.
            var left = Left ?? TimeSpan.Zero;
            var next = error.RetryAfter is { } retryAfter && retryAfter > TimeSpan.Zero
                ? (retryAfter < MaxRetryAfter ? retryAfter : MaxRetryAfter)
                : left > TimeSpan.Zero ? left : _backoff.Next();
            if (next > left)
            {
                _wait = next;
                _since = _time.GetTimestamp();
                _unavailable = error.Kind == RpcErrorKind.RateLimited ? null : error.Code;
            }
            return next > left ? next : left;
        }
    }

    private void End()
    {
        if (Volatile.Read(ref _since) == 0) return;
        lock (_gate)
        {
            if (Left is not null) return;
            _backoff.Reset();
            _wait = TimeSpan.Zero;
            _since = 0;
        }
    }

    // Providers serve the same key over wss at the same path, or below /ws.
    private static string KeyOf(Uri url)
    {
        var segments = url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Where(segment => !segment.Equals("ws", StringComparison.OrdinalIgnoreCase));
        return $"{url.UserInfo}@{url.Host}:{url.Port}/{string.Join('/', segments)}{url.Query}";
    }
}
