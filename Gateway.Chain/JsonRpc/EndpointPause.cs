using System.Collections.Concurrent;
using Xmtp.Gateway.Chain.Streaming;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>How long an endpoint that limits its requests is left alone, by everyone in this process who asks it.</summary>
/// <remarks>Thread-safe. As long as it says, up to a minute; else a wait that doubles while it goes on limiting, up to 10 s.</remarks>
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

    /// <summary>The one of all transports with this URL: limits are counted by the key that it holds.</summary>
    public static EndpointPause Of(Uri url) => All.GetOrAdd(url.AbsoluteUri, _ => new EndpointPause());

    /// <summary>What is left of the pause; null outside of one.</summary>
    public TimeSpan? Left
    {
        get
        {
            lock (_gate)
                return _wait > TimeSpan.Zero && _wait - _time.GetElapsedTime(_since) is var left && left > TimeSpan.Zero ? left : null;
        }
    }

    /// <summary>The endpoint refused a request because of its rate.</summary>
    /// <returns>How long it is left alone from now on.</returns>
    public TimeSpan Begin(TimeSpan? retryAfter)
    {
        lock (_gate)
        {
            // Requests that were on their way together are refused together: that is one refusal.
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

    /// <summary>The endpoint answered.</summary>
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
