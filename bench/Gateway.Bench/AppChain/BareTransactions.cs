using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>The floor: the same commits as transactions that were signed before. Nothing is stored, priced or checked.</summary>
/// <remarks>
/// Each waits for its own event over the WebSocket, so that its receipt is asked for once and never in vain. Where the
/// event alone will do, not even that. All callers share one wallet, as the gateway's do.
/// </remarks>
internal sealed class BareTransactions : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(3);

    private readonly ConcurrentQueue<SignedTransaction> _signed = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Bytes32, TaskCompletionSource> _waiting = new();
    private readonly TaskCompletionSource _live = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EthereumRpc _rpc;
    private readonly WebSocketRpcTransport _socket;
    private readonly bool _wantsReceipt;

    private BareTransactions(Anvil chain, bool wantsReceipt)
    {
        _rpc = chain.Rpc;
        _wantsReceipt = wantsReceipt;
        _socket = new WebSocketRpcTransport(chain.WebSocketUrl);
    }

    /// <summary>Signs more than the window can take.</summary>
    public static async Task<BareTransactions> PrepareAsync(
        ChainStage stage, int callers, TimeSpan window, bool wantsReceipt, CancellationToken cancellationToken)
    {
        var bare = new BareTransactions(stage.Chain, wantsReceipt);
        var signer = NewWallet();
        await new DevChain(bare._rpc).SetBalanceAsync(signer.Address, Wei.FromEther(1000), cancellationToken);
        var many = stage.Mining.MaxCalls(window) * (stage.Mining.BlockTime is null ? 4 : callers);
        for (var nonce = 0; nonce < many; nonce++)
            bare._signed.Enqueue(await Transaction((ulong)nonce).SignAsync(signer, cancellationToken));

        _ = bare.FollowAsync();
        await bare._live.Task.WaitAsync(cancellationToken);
        return bare;
    }

    /// <summary>Sends one and waits until the caller knows where it was mined.</summary>
    /// <exception cref="TimeoutException">The chain does not mine it.</exception>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        if (!_signed.TryDequeue(out var transaction)) throw new BenchFailure("the chain took more transactions than were signed");
        var mined = _waiting[transaction.Hash] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        (await _rpc.SendRawTransactionAsync(transaction.Raw, cancellationToken)).OrThrow();
        await mined.Task.WaitAsync(WaitTimeout, cancellationToken);
        if (_wantsReceipt && (await _rpc.GetReceiptAsync(transaction.Hash, cancellationToken)).OrThrow() is null)
            throw new BenchFailure("a transaction whose event was received has no receipt");
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        _ = _socket.DisposeAsync().AsTask();
    }

    private static PrivateKeySigner NewWallet() =>
        PrivateKeySigner.TryParse(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)), out var signer)
            ? signer
            : throw new BenchFailure("a random key was none");

    private async Task FollowAsync()
    {
        try
        {
            var events = new LogFilter
            {
                Addresses = [ChainAddresses.GroupMessageBroadcaster],
                Topics = [[GroupMessageBroadcasterContract.MessageSentTopic]],
            };
            await foreach (var item in _socket.StreamLogsAsync(events, _stopping.Token))
            {
                if (item.Kind == StreamItemKind.Live) _live.TrySetResult();
                else if (item.Value is { } log && _waiting.TryRemove(log.TransactionHash, out var mined)) mined.TrySetResult();
            }
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
}
