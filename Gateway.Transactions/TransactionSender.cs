using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>What an endpoint did with a transaction.</summary>
internal enum SendOutcome
{
    /// <summary>It has it.</summary>
    Taken,

    /// <summary>Not known: the answer was lost, or says neither.</summary>
    InDoubt,

    /// <summary>It has not, because the chain has used the nonce.</summary>
    NonceUsed,

    /// <summary>It has not, because of the nonce; the same bytes may be taken later.</summary>
    NotYet,

    /// <summary>It takes no more requests for a while.</summary>
    Limited,

    /// <summary>It cannot have it: no byte left this process.</summary>
    Unsent,

    /// <summary>It has not; it wants to be paid more, or has another transaction at this nonce.</summary>
    Underpriced,

    /// <summary>It has not, because the account cannot pay.</summary>
    NoFunds,
}

/// <summary>Hands transactions to the chain and tells apart what came of it.</summary>
internal sealed class TransactionSender(ChainAccount account, AppChainMetrics metrics, TimeProvider time)
{
    internal async ValueTask<SendOutcome> SendAsync(PendingTransaction pending, CancellationToken cancellationToken)
    {
        using var span = TransactionTracing.Send();
        var start = time.GetTimestamp();
        var answer = await account.Rpc.SendRawTransactionAsync(pending.Current.Raw, cancellationToken).ConfigureAwait(false);
        var outcome = answer.Error is { } error ? Read(error) : SendOutcome.Taken;
        if (answer.Error is not { IsUnsent: true }) pending.MarkSent();
        if (outcome != SendOutcome.Taken) pending.LastError = answer.Error;
        if (outcome is SendOutcome.InDoubt or SendOutcome.Unsent) State.Refused(answer.Error!);
        else if (outcome is not (SendOutcome.Limited or SendOutcome.NotYet)) State.Served();
        metrics.Broadcast(pending.PayloadType, outcome == SendOutcome.Taken, time.GetElapsedTime(start));
        return outcome;
    }

    /// <summary>Whether the endpoint takes what it is sent.</summary>
    internal EndpointState State { get; } = new(time);

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
