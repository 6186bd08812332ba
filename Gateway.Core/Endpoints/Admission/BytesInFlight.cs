using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.Endpoints.Admission;

/// <summary>
/// Counts the bytes of requests and responses that this gateway holds, over all calls: at most <see cref="Limit"/>,
/// at most a quarter of it for one caller, and at most an eighth for all calls that need no identity.
/// </summary>
/// <remarks>
/// Callers are counted in two tables of slots, by a hash that is random per process. A caller's figure is the lesser of
/// its two slots, so two callers affect each other only when both slots collide. Nothing is allocated per caller, and
/// nothing has to be swept.
/// </remarks>
internal sealed class BytesInFlight
{
    private const int Slots = 4096;
    private readonly long[] _lower = new long[Slots];
    private readonly long[] _upper = new long[Slots];
    private readonly Counter<long> _refusals;
    private long _inUse;
    private long _anonymous;

    public BytesInFlight(IOptions<ApiOptions> api, IMeterFactory meters)
    {
        Limit = api.Value.BytesInFlight;
        var meter = meters.Create("Xmtp.Gateway.Endpoints");
        meter.CreateObservableGauge(
            "xmtp_gateway_bytes_in_flight", () => InUse, description: "Bytes of requests and answers that are held now");
        meter.CreateObservableGauge("xmtp_gateway_bytes_in_flight_limit", () => Limit, description: "The most that may be held");
        _refusals = meter.CreateCounter<long>(
            "xmtp_gateway_bytes_in_flight_refusals_total",
            description: "Calls refused because the gateway (process) or their caller (caller) holds too much");
    }

    /// <summary>The max bytes held.</summary>
    internal long Limit { get; }

    /// <summary>The max bytes held for one identity or one address.</summary>
    internal long Share => Limit / 4;

    /// <summary>The max bytes held for all calls of methods that serve callers without identity.</summary>
    internal long AnonymousShare => Limit / 8;

    /// <summary>The bytes held now.</summary>
    internal long InUse => Volatile.Read(ref _inUse);

    /// <summary>Reserves bytes for the whole gateway; false when they do not fit.</summary>
    internal bool TryTake(long bytes)
    {
        var before = Volatile.Read(ref _inUse);
        while (before + bytes <= Limit)
        {
            var seen = Interlocked.CompareExchange(ref _inUse, before + bytes, before);
            if (seen == before) return true;
            before = seen;
        }

        return false;
    }

    /// <summary>Counts bytes whether they fit or not: bytes that are held already cannot be refused.</summary>
    internal void Take(long bytes) => Interlocked.Add(ref _inUse, bytes);

    /// <summary>Releases bytes.</summary>
    internal void Give(long bytes) => Interlocked.Add(ref _inUse, -bytes);

    /// <summary>Adds bytes to a caller's count, or subtracts them when negative.</summary>
    /// <returns>The bytes that the caller holds now.</returns>
    internal long Count(uint caller, long bytes) => Math.Min(
        Interlocked.Add(ref _lower[caller % Slots], bytes),
        Interlocked.Add(ref _upper[(caller >> 16) % Slots], bytes));

    /// <summary>Adds bytes to what calls without identity hold, or subtracts them when negative.</summary>
    /// <returns>The bytes that they hold now.</returns>
    internal long CountAnonymous(long bytes) => Interlocked.Add(ref _anonymous, bytes);

    /// <summary>Counts a refusal.</summary>
    internal void Refused(bool byCaller) => _refusals.Add(1, new KeyValuePair<string, object?>("of", byCaller ? "caller" : "process"));
}
