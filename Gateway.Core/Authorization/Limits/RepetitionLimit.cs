using System.Globalization;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// Bounds the calls and bytes of one identity that repeat envelopes, and so take from no other limit.
/// </summary>
/// <remarks>
/// Counted when the call ends, whether they were answered with an earlier result or failed, and checked before a request is
/// read: all requests of an identity above the bound are refused until it is below again, at most a minute. Counted per
/// process, since it bounds the work of this process. An identity without recent repetitions is removed. Thread-safe.
/// </remarks>
internal sealed class RepetitionLimit(IOptions<LimitsOptions> options, TimeProvider time, AuthorizationMetrics? metrics = null)
{
    private const int MinBeforeSweep = 1024;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _guard = new();
    private readonly Dictionary<ClientIdentity, Used> _states = [];
    private readonly double _callsPerPeriod = options.Value.RepeatedCalls;
    private readonly double _bytesPerPeriod = options.Value.RepeatedBytes;
    private int _sweepAt = MinBeforeSweep;

    /// <summary>The number of identities in memory.</summary>
    internal int Count => _states.Count;

    /// <summary>Checks whether an identity has to wait before its next request.</summary>
    /// <returns>The refusal; null when it need not wait.</returns>
    internal PublishError? Check(ClientIdentity identity)
    {
        Used used;
        lock (_guard)
        {
            if (_states.Count == 0 || !_states.TryGetValue(identity, out used)) return null;
            used = Now(used);
        }

        if (_callsPerPeriod > 0 && used.Calls >= _callsPerPeriod)
            return Over($"{_callsPerPeriod.ToString("N0", CultureInfo.InvariantCulture)} repeated calls", used.Calls, _callsPerPeriod);
        return _bytesPerPeriod > 0 && used.Bytes >= _bytesPerPeriod
            ? Over($"{_bytesPerPeriod.ToString("N0", CultureInfo.InvariantCulture)} repeated bytes", used.Bytes, _bytesPerPeriod)
            : null;
    }

    /// <summary>Counts one call that contained repeated envelopes.</summary>
    /// <param name="identity">The caller.</param>
    /// <param name="bytes">The size of the repeated envelopes.</param>
    internal void Add(ClientIdentity identity, long bytes)
    {
        if (_callsPerPeriod <= 0 && _bytesPerPeriod <= 0) return;
        lock (_guard)
        {
            var used = Now(_states.GetValueOrDefault(identity));
            // Capped so that no identity waits longer than a period, however many calls were running when the bound was reached.
            _states[identity] = used with
            {
                Calls = Math.Min(used.Calls + 1, _callsPerPeriod * 2),
                Bytes = Math.Min(used.Bytes + bytes, _bytesPerPeriod * 2),
            };
            if (_states.Count >= _sweepAt) Sweep();
        }
    }

    private Used Now(Used used)
    {
        var now = time.GetTimestamp();
        var part = time.GetElapsedTime(used.At, now) / Period;
        return new Used(Math.Max(0, used.Calls - (part * _callsPerPeriod)), Math.Max(0, used.Bytes - (part * _bytesPerPeriod)), now);
    }

    private PublishError Over(string limit, double used, double perPeriod)
    {
        metrics?.Refused($"{limit} per 1m for each client");
        // The time until the use is below the bound.
        var wait = Period * ((used - perPeriod) / perPeriod);
        var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
        return new PublishError(
            PublishErrorKind.ResourceExhausted,
            string.Create(CultureInfo.InvariantCulture, $"over the limit of {limit} per 1m for each client; try again in {seconds} s"))
        {
            RetryAfter = TimeSpan.FromSeconds(seconds),
            Reason = "REPETITIONS_LIMITED",
        };
    }

    private void Sweep()
    {
        foreach (var (identity, used) in _states)
            if (Now(used) is { Calls: 0, Bytes: 0 })
                _states.Remove(identity);
        _sweepAt = Math.Max(MinBeforeSweep, _states.Count * 2);
    }

    /// <param name="Calls">Repeated calls, reduced by the elapsed time.</param>
    /// <param name="Bytes">Repeated bytes, likewise.</param>
    /// <param name="At">When they had these values.</param>
    private readonly record struct Used(double Calls, double Bytes, long At);
}
