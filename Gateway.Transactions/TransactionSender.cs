using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>What an endpoint did with a transaction.</summary>
internal enum SendFate
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
    internal async ValueTask<SendFate> SendAsync(Flight flight, CancellationToken cancellationToken)
    {
        using var span = TransactionTracing.Send();
        var start = time.GetTimestamp();
        var answer = await account.Rpc.SendRawTransactionAsync(flight.Current.Raw, cancellationToken).ConfigureAwait(false);
        var fate = answer.Error is { } error ? Read(error) : SendFate.Taken;
        if (answer.Error is not { IsUnsent: true }) flight.MarkLeft();
        if (fate != SendFate.Taken) flight.LastError = answer.Error;
        if (fate is SendFate.InDoubt or SendFate.Unsent) State.Refused(answer.Error!);
        else if (fate is not (SendFate.Limited or SendFate.NotYet)) State.Served();
        metrics.Broadcast(flight.PayloadType, fate == SendFate.Taken, time.GetElapsedTime(start));
        return fate;
    }

    /// <summary>Whether the endpoint takes what it is sent.</summary>
    internal EndpointState State { get; } = new(time);

    private static SendFate Read(RpcError error) => error.Kind switch
    {
        RpcErrorKind.AlreadyKnown => SendFate.Taken,
        RpcErrorKind.NonceTooLow => SendFate.NonceUsed,
        RpcErrorKind.NonceTooHigh => SendFate.NotYet,
        RpcErrorKind.RateLimited => SendFate.Limited,
        RpcErrorKind.Underpriced => SendFate.Underpriced,
        RpcErrorKind.InsufficientFunds => SendFate.NoFunds,
        _ => error.IsUnsent ? SendFate.Unsent : SendFate.InDoubt,
    };
}
