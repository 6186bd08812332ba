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

    private readonly Lock guard = new();
    private readonly Dictionary<ClientIdentity, Used> states = [];
    private readonly double callsPerPeriod = options.Value.RepeatedCalls;
    private readonly double bytesPerPeriod = options.Value.RepeatedBytes;
    private int sweepAt = MinBeforeSweep;

    /// <summary>How many identities are remembered.</summary>
    internal int Count => states.Count;

    /// <summary>Says why an identity has to wait before it sends anything more.</summary>
    /// <returns>Null when it need not.</returns>
    internal PublishError? Check(ClientIdentity identity)
    {
        Used used;
        lock (guard)
        {
            if (states.Count == 0 || !states.TryGetValue(identity, out used)) return null;
            used = Now(used);
        }

        if (callsPerPeriod > 0 && used.Calls >= callsPerPeriod) return Over($"{callsPerPeriod.ToString("N0", CultureInfo.InvariantCulture)} repeated calls", used.Calls, callsPerPeriod);
        return bytesPerPeriod > 0 && used.Bytes >= bytesPerPeriod ? Over($"{bytesPerPeriod.ToString("N0", CultureInfo.InvariantCulture)} repeated bytes", used.Bytes, bytesPerPeriod) : null;
    }

    /// <summary>Counts one call in which something was repeated.</summary>
    /// <param name="identity">Whose.</param>
    /// <param name="bytes">The size of the repeated envelopes.</param>
    internal void Add(ClientIdentity identity, long bytes)
    {
        if (callsPerPeriod <= 0 && bytesPerPeriod <= 0) return;
        lock (guard)
        {
            var used = Now(states.GetValueOrDefault(identity));
            // Nobody waits longer than a period, however many calls were under way when the bound was reached.
            states[identity] = used with { Calls = Math.Min(used.Calls + 1, callsPerPeriod * 2), Bytes = Math.Min(used.Bytes + bytes, bytesPerPeriod * 2) };
            if (states.Count >= sweepAt) Sweep();
        }
    }

    private Used Now(Used used)
    {
        var now = time.GetTimestamp();
        var part = time.GetElapsedTime(used.At, now) / Period;
        return new Used(Math.Max(0, used.Calls - (part * callsPerPeriod)), Math.Max(0, used.Bytes - (part * bytesPerPeriod)), now);
    }

    private PublishError Over(string limit, double used, double perPeriod)
    {
        metrics?.Refused($"{limit} per 1m for each client");
        // Until there is room for more than nothing.
        var wait = Period * ((used - perPeriod) / perPeriod);
        var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
        return new PublishError(PublishErrorKind.ResourceExhausted, string.Create(CultureInfo.InvariantCulture, $"over the limit of {limit} per 1m for each client; try again in {seconds} s"))
        {
            RetryAfter = TimeSpan.FromSeconds(seconds),
            Reason = "REPETITIONS_LIMITED",
        };
    }

    private void Sweep()
    {
        foreach (var (identity, used) in states)
            if (Now(used) is { Calls: 0, Bytes: 0 })
                states.Remove(identity);
        sweepAt = Math.Max(MinBeforeSweep, states.Count * 2);
    }

    /// <param name="Calls">Repeated calls, less what the time since took off.</param>
    /// <param name="Bytes">Repeated bytes, likewise.</param>
    /// <param name="At">When they were that many.</param>
    private readonly record struct Used(double Calls, double Bytes, long At);
}
