using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.AppChain.Transactions;

/// <summary>What an endpoint did with a transaction.</summary>
internal enum SendFate
{
    /// <summary>It has it.</summary>
    Taken,

    /// <summary>Not known: the answer was lost, or says neither.</summary>
    InDoubt,

    /// <summary>It has not, because the chain has used the nonce.</summary>
    NonceUsed,

    /// <summary>It has not; the same bytes may be taken later.</summary>
    NotYet,

    /// <summary>It has not; it wants to be paid more, or has another transaction at this nonce.</summary>
    Underpriced,

    /// <summary>It has not, because the account cannot pay.</summary>
    NoFunds,
}

/// <summary>Hands transactions to the chain and tells apart what came of it.</summary>
internal sealed class TransactionSender(EthereumRpc rpc, AppChainMetrics metrics, TimeProvider time)
{
    internal async ValueTask<SendFate> SendAsync(Flight flight, CancellationToken cancellationToken)
    {
        using var span = TransactionTracing.Send();
        var start = time.GetTimestamp();
        var answer = await rpc.SendRawTransactionAsync(flight.Current.Raw, cancellationToken).ConfigureAwait(false);
        var fate = answer.Error is { } error ? Read(error.Kind) : SendFate.Taken;
        if (fate != SendFate.Taken) flight.LastError = answer.Error;
        metrics.Broadcast(flight.PayloadType, fate == SendFate.Taken, time.GetElapsedTime(start));
        return fate;
    }

    private static SendFate Read(RpcErrorKind kind) => kind switch
    {
        RpcErrorKind.AlreadyKnown => SendFate.Taken,
        RpcErrorKind.NonceTooLow => SendFate.NonceUsed,
        RpcErrorKind.NonceTooHigh or RpcErrorKind.RateLimited => SendFate.NotYet,
        RpcErrorKind.Underpriced => SendFate.Underpriced,
        RpcErrorKind.InsufficientFunds => SendFate.NoFunds,
        _ => SendFate.InDoubt,
    };
}
