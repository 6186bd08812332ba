using System.Net;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Admission;

/// <summary>Counts in <see cref="BytesInFlight"/> what is held for a caller after its call has ended.</summary>
internal sealed class HeldBytes(BytesInFlight budget) : IHeldBytes
{
    /// <inheritdoc/>
    public IDisposable Hold(ClientIdentity? caller, long bytes) => new Place(budget, HashOf(caller), bytes);

    // Hashed as for calls: a client identified by its address counts as that address.
    private static uint? HashOf(ClientIdentity? caller)
    {
        if (caller is null) return null;
        if (caller.Kind != ClientAddressIdentityResolver.Kind) return CallerHash.Of(caller);
        var (value, end) = (caller.Value, caller.Value.IndexOf('/', StringComparison.Ordinal));
        return IPAddress.TryParse(end < 0 ? value : value[..end], out var address) ? CallerHash.Of(address) : CallerHash.Of(caller);
    }

    private sealed class Place : IDisposable
    {
        private readonly BytesInFlight _budget;
        private readonly uint? _caller;
        private long _held;

        internal Place(BytesInFlight budget, uint? caller, long bytes)
        {
            _budget = budget;
            _caller = caller;
            _held = bytes;
            budget.Take(bytes);
            if (caller is { } who) budget.Count(who, bytes);
        }

        public void Dispose()
        {
            var bytes = Interlocked.Exchange(ref _held, 0);
            _budget.Give(bytes);
            if (_caller is { } who) _budget.Count(who, -bytes);
        }
    }
}
