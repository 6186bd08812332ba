using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>The result of sending a transaction to an endpoint.</summary>
internal enum SendOutcome
{
    /// <summary>The endpoint accepted it.</summary>
    Taken,

    /// <summary>Not known: the response was lost, or is inconclusive.</summary>
    InDoubt,

    /// <summary>Refused: the chain has used the nonce.</summary>
    NonceUsed,

    /// <summary>Refused for its nonce; the same bytes may be accepted later.</summary>
    NotYet,

    /// <summary>Rate-limited: the endpoint accepts no requests for a while.</summary>
    Limited,

    /// <summary>Not sent: no byte left this process.</summary>
    Unsent,

    /// <summary>Refused: the fee is too low, or the endpoint has another transaction at this nonce.</summary>
    Underpriced,

    /// <summary>Refused: the account cannot pay.</summary>
    NoFunds,
}

/// <summary>Sends transactions to the chain and classifies the results.</summary>
internal sealed class TransactionSender(ChainAccount account, AppChainMetrics metrics, TimeProvider time)
{
    internal async ValueTask<SendOutcome> SendAsync(PendingTransaction pending, CancellationToken cancellationToken)
    {
        using var span = TransactionTracing.Send();
        var start = time.GetTimestamp();
        var answer = await AnswerAsync(pending, cancellationToken).ConfigureAwait(false);
        var outcome = answer.Error is { } error ? Read(error) : SendOutcome.Taken;
        if (answer.Error is not { IsUnsent: true }) pending.MarkSent();
        if (outcome != SendOutcome.Taken) pending.LastError = answer.Error;
        if (outcome is SendOutcome.InDoubt or SendOutcome.Unsent) State.Refused(answer.Error!);
        else if (outcome is not (SendOutcome.Limited or SendOutcome.NotYet)) State.Served();
        metrics.Broadcast(pending.PayloadType, outcome == SendOutcome.Taken, time.GetElapsedTime(start));
        return outcome;
    }

    /// <summary>Whether the endpoint accepts transactions.</summary>
    internal EndpointState State { get; } = new(time);

    private async ValueTask<RpcResult<Bytes32>> AnswerAsync(PendingTransaction pending, CancellationToken cancellationToken)
    {
        pending.SendingSince = time.GetTimestamp();
        State.Asked();
        try
        {
            return await account.Rpc.SendRawTransactionAsync(pending.Current.Raw, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            State.Answered();
            pending.SendingSince = null;
        }
    }

    private static SendOutcome Read(RpcError error) => error.Kind switch
    {
        RpcErrorKind.AlreadyKnown => SendOutcome.Taken,
        RpcErrorKind.NonceTooLow => SendOutcome.NonceUsed,
        RpcErrorKind.NonceTooHigh => SendOutcome.NotYet,
        RpcErrorKind.RateLimited => SendOutcome.Limited,
        RpcErrorKind.Underpriced => SendOutcome.Underpriced,
        RpcErrorKind.InsufficientFunds => SendOutcome.NoFunds,
        _ => error.IsUnsent ? SendOutcome.Unsent : SendOutcome.InDoubt,
    };
}
