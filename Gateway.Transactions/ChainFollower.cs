using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Follows how many of our nonces the chain has used, and wakes the flights that this concerns.</summary>
/// <remarks>
/// Nonces are mined in order, so one count tells about every flight at once, whatever their number. It is asked for at
/// each new head, after each sending, and at intervals while anything is in flight; never twice at a time. A flight that
/// is alone looks for its receipt instead, every other time: that is one question less. While the contracts' events are
/// heard of, what landed has said so itself: the question waits for that, and finds what makes no event.
/// </remarks>
internal sealed class ChainFollower(Flights flights, ChainPositions positions, AppChainTransactionOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromHours(1);

    private readonly WakeSignal bell = new();
    private ulong mined;
    private bool looked;

    /// <summary>The chain's next nonce, as last seen.</summary>
    internal ulong Mined => Volatile.Read(ref mined);

    /// <summary>Whether the contracts' events are told unasked.</summary>
    internal bool HearsEvents { get; set; }

    /// <summary>Something may have changed: a new head, or a transaction was sent.</summary>
    internal void Nudge() => bell.Set();

    /// <summary>The chain said this.</summary>
    internal void See(ulong count)
    {
        Volatile.Write(ref mined, count);
        foreach (var flight in flights.All)
        {
            if (flight.Nonce < count) flight.Wake.Set();
        }
    }

    /// <summary>All below is mined, whatever an endpoint that lags behind says next.</summary>
    internal void Reach(ulong count)
    {
        if (Mined < count) See(count);
    }

    internal async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            await bell.WaitAsync(flights.IsEmpty ? Idle : options.PollInterval, time, stopping).ConfigureAwait(false);
            if (HearsEvents) await Task.Delay(options.EventPatience, time, stopping).ConfigureAwait(false);
            else if (LooksItself()) continue;
            if (!flights.IsEmpty && await positions.MinedAsync(stopping).ConfigureAwait(false) is { } count) See(count);
        }
    }

    // Every other time only: a receipt tells nothing of a nonce that something else has used.
    private bool LooksItself()
    {
        looked = !looked && flights.Count == 1 && flights.All.FirstOrDefault() is { IsKnown: true } alone && alone.Look();
        return looked;
    }

    public void Dispose() => bell.Dispose();
}
