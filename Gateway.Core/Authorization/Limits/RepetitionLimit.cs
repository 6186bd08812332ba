using System.Globalization;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Bounds the calls and bytes of one identity that are answered with an earlier result, and so take from no other limit.</summary>
/// <remarks>
/// Counted once they are known to be repetitions, and checked before a request is parsed: an identity over the bound is
/// refused everything until it is below again, at most a minute. In this process alone, as what it bounds is the work of
/// this process. Who has not repeated anything for a while is forgotten. Thread-safe.
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

    /// <summary>How many identities are remembered.</summary>
    internal int Count => _states.Count;

    /// <summary>Says why an identity has to wait before it sends anything more.</summary>
    /// <returns>Null when it need not.</returns>
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

    /// <summary>Counts one call in which something was repeated.</summary>
    /// <param name="identity">Whose.</param>
    /// <param name="bytes">The size of the repeated envelopes.</param>
    internal void Add(ClientIdentity identity, long bytes)
    {
        if (_callsPerPeriod <= 0 && _bytesPerPeriod <= 0) return;
        lock (_guard)
        {
            var used = Now(_states.GetValueOrDefault(identity));
            // Nobody waits longer than a period, however many calls were under way when the bound was reached.
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
        // Until there is room for more than nothing.
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

    /// <param name="Calls">Repeated calls, less what the time since took off.</param>
    /// <param name="Bytes">Repeated bytes, likewise.</param>
    /// <param name="At">When they were that many.</param>
    private readonly record struct Used(double Calls, double Bytes, long At);
}
