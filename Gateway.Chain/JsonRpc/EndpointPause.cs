using System.Collections.Concurrent;
using Xmtp.Gateway.Chain.Streaming;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// How long no request is sent to an endpoint that rate-limits, shared by all its callers in this process.
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
    private TimeSpan _wait;
    private long _since;

    /// <summary>
    /// The instance shared by all transports with this URL: an endpoint counts its limit by the key in the URL.
    /// </summary>
    public static EndpointPause Of(Uri url) => All.GetOrAdd(url.AbsoluteUri, _ => new EndpointPause());

    /// <summary>The rest of the pause; null when there is none.</summary>
    public TimeSpan? Left
    {
        get
        {
            lock (_gate)
                return _wait > TimeSpan.Zero && _wait - _time.GetElapsedTime(_since) is var left && left > TimeSpan.Zero ? left : null;
        }
    }

    /// <summary>The endpoint's words for its limit, as last sent; empty before.</summary>
    public string Words { get; private set; } = string.Empty;

    /// <summary>Records that the endpoint refused a request because of its rate.</summary>
    /// <returns>How long no request is sent from now on.</returns>
    public TimeSpan Begin(TimeSpan? retryAfter, string words)
    {
        lock (_gate)
        {
            Words = words;
            // Requests in flight at the same time are refused together: that counts as one refusal.
            var left = Left ?? TimeSpan.Zero;
            var next = retryAfter is { } told && told > TimeSpan.Zero
                ? (told < MaxRetryAfter ? told : MaxRetryAfter)
                : left > TimeSpan.Zero ? left : _backoff.Next();
            if (next > left)
            {
                _wait = next;
                _since = _time.GetTimestamp();
            }
            return next > left ? next : left;
        }
    }

    /// <summary>Records that the endpoint answered.</summary>
    public void End()
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
}
