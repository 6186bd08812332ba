using System.Collections.Concurrent;
using Google.Protobuf;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>The floor: the same commits as transactions that were signed before, each sent and its receipt fetched. Nothing is stored, priced or checked.</summary>
internal sealed class BareTransactions : IDisposable
{
    private const int Account = 2;
    private readonly ConcurrentQueue<SignedTransaction> signed = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly EthereumRpc rpc;
    private readonly WebSocketRpcTransport socket;
    private volatile TaskCompletionSource head = NewHead();

    private BareTransactions(Anvil chain)
    {
        rpc = chain.Rpc;
        socket = new WebSocketRpcTransport(chain.WebSocketUrl);
    }

    /// <summary>Signs more than the window can take.</summary>
    public static async Task<BareTransactions> PrepareAsync(ChainStage stage, int callers, TimeSpan window, CancellationToken cancellationToken)
    {
        var bare = new BareTransactions(stage.Chain);
        var signer = DevAccounts.Signer(Account);
        var first = (await bare.rpc.GetTransactionCountAsync(signer.Address, BlockTag.Pending, cancellationToken)).OrThrow();
        var many = stage.Mining.MostCalls(window) * (stage.Mining.BlockTime is null ? 4 : callers);
        for (var i = 0; i < many; i++) bare.signed.Enqueue(await Transaction(first + (ulong)i).SignAsync(signer, cancellationToken));
        _ = bare.FollowAsync();
        return bare;
    }

    /// <summary>Sends one and waits until it is mined.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        if (!signed.TryDequeue(out var transaction)) throw new BenchFailure("the chain took more transactions than were signed");
        var next = head.Task;
        (await rpc.SendRawTransactionAsync(transaction.Raw, cancellationToken)).OrThrow();
        while ((await rpc.GetReceiptAsync(transaction.Hash, cancellationToken)).OrThrow() is null)
        {
            await next.WaitAsync(TimeSpan.FromSeconds(10), cancellationToken);
            next = head.Task;
        }
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
        _ = socket.DisposeAsync().AsTask();
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var item in socket.StreamHeadsAsync(stopping.Token))
                if (item.News is not null)
                    Interlocked.Exchange(ref head, NewHead()).TrySetResult();
        }
        catch (OperationCanceledException)
        {
            // The rush is over.
        }
    }

    private static FeeMarketTransaction Transaction(ulong nonce)
    {
        var envelope = CommitEnvelope.New();
        return new FeeMarketTransaction
        {
            ChainId = 31337,
            Nonce = nonce,
            MaxFeePerGas = Wei.FromGwei(50),
            MaxPriorityFeePerGas = Wei.FromGwei(1),
            GasLimit = 200_000,
            To = ChainAddresses.GroupMessageBroadcaster,
            Data = GroupMessageBroadcasterContract.EncodeAddMessage(envelope.Aad.TargetTopic.Span[1..], envelope.ToByteArray()),
        };
    }

    private static TaskCompletionSource NewHead() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
