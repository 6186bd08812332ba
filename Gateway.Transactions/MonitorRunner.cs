using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Transactions;

/// <summary>Has each transaction watched in the background, to its end or until the process stops.</summary>
internal sealed partial class MonitorRunner(FlightPilot pilot, Flights flights, BackgroundWork background, ILogger<MonitorRunner> logger)
{
    /// <summary>Begins to watch a transaction.</summary>
    /// <param name="flight">The transaction.</param>
    /// <param name="isAdopted">Whether it was taken over, and so may be out already.</param>
    internal void Start(Flight flight, bool isAdopted)
    {
        flights.Add(flight);
        _ = Task.Run(() => RunAsync(flight, isAdopted, background.Stopping), CancellationToken.None);
    }

    private async Task RunAsync(Flight flight, bool isAdopted, CancellationToken stop)
    {
        try
        {
            flight.Ended.TrySetResult(await pilot.FlyAsync(flight, isAdopted, stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            flight.Ended.TrySetResult((FlightEnd.Unknown, null));
        }
#pragma warning disable CA1031 // A signer of someone else's may throw anything; the nonce stays in the ledger, and its lease ends.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogCrashed(logger, flight.Nonce, error);
            await flight.Lease.LeaveAsync().ConfigureAwait(false);
            flight.Ended.TrySetResult((FlightEnd.Unknown, null));
        }
        finally
        {
            flights.Remove(flight);
        }
    }

    [LoggerMessage(EventId = EventIds.MonitorCrashed, Level = LogLevel.Error, Message = "watching nonce {Nonce} failed; it is taken over when its lease ends")]
    private static partial void LogCrashed(ILogger logger, ulong nonce, Exception error);
}
