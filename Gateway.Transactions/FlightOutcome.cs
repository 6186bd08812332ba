using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>What the end of a nonce means for whoever waits for its transaction.</summary>
internal static class FlightOutcome
{
    /// <summary>The outcome at this end.</summary>
    internal static TransactionOutcome Of(Flight flight, FlightEnd end, TransactionReceipt? receipt) => end switch
    {
        FlightEnd.Mined => new TransactionOutcome(TransactionEnd.Mined, receipt) { OnPersisted = () => flight.Persisted.TrySetResult() },
        FlightEnd.Reverted => new TransactionOutcome(TransactionEnd.Reverted, receipt) { WasSent = true },
        FlightEnd.NotLanded => new TransactionOutcome(TransactionEnd.NotPublished, Error: flight.LastError) { WasSent = true },
        FlightEnd.Refused => Refused(flight).Outcome,
        _ => new TransactionOutcome(TransactionEnd.InDoubt, Error: flight.LastError),
    };

    /// <summary>No endpoint took it. Underpriced here means that someone else's transaction waits at that nonce: another nonce may do.</summary>
    internal static (TransactionOutcome Outcome, bool MayRetry) Refused(Flight flight) => flight.LastError?.Kind switch
    {
        RpcErrorKind.InsufficientFunds => (new TransactionOutcome(TransactionEnd.NoFunds, Error: flight.LastError), false),
        RpcErrorKind.Underpriced or RpcErrorKind.NonceTooLow => (new TransactionOutcome(TransactionEnd.NotPublished, Error: flight.LastError), true),
        _ => (new TransactionOutcome(TransactionEnd.NotPublished, Error: flight.LastError), false),
    };

    /// <summary>The outcome, once it ended.</summary>
    internal static async Task<TransactionOutcome> SettleAsync(Flight flight)
    {
        var (end, receipt) = await flight.Ended.Task.ConfigureAwait(false);
        return Of(flight, end, receipt);
    }
}
