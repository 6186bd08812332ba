using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using WebSocketOptions = Xmtp.Gateway.Chain.Streaming.WebSocketOptions;

namespace Xmtp.Gateway.DevNet.Nodes.Indexing;

/// <summary>Adds the App Chain's messages to a node's store: group messages as originator 0, identity updates as 1.</summary>
/// <remarks>
/// It follows the contracts' events over a WebSocket. Whenever the subscription starts again, and whenever a sequence
/// id is missing, it reads the chain itself from the last block that was read completely. Reorganizations are not
/// handled, as a local chain has none of its own. Real nodes are slightly behind the chain; here a query waits for the
/// indexer, so that an app and its tests read what they have just written.
/// </remarks>
internal sealed class AppChainIndexer : IAsyncDisposable
{
    private static readonly TimeSpan IndexTimeout = TimeSpan.FromSeconds(1);

    private static readonly LogFilter Events = new()
    {
        Addresses = [ChainAddresses.GroupMessageBroadcaster, ChainAddresses.IdentityUpdateBroadcaster],
        Topics = [[GroupMessageBroadcasterContract.MessageSentTopic, IdentityUpdateBroadcasterContract.IdentityUpdateCreatedTopic]],
    };

    private readonly NodeState _node;
    private readonly EnvelopeStore _store;
    private readonly ChainTimes _times;
    private readonly EthereumRpc _rpc;
    private readonly WebSocketRpcTransport _webSocket;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _adding = new(1);
    private readonly Task _running;
    private Block? _lastBlock;
    private ulong _nextBlock;

    /// <summary>Starts at once, in the background.</summary>
    /// <param name="node">The node whose store is filled.</param>
    /// <param name="chain">The chain's WebSocket URL.</param>
    public AppChainIndexer(NodeState node, Uri chain)
    {
        _node = node;
        _store = node.Store;
        _times = node.ChainTimes;
        _webSocket = new WebSocketRpcTransport(chain, new WebSocketOptions { MaxBackoff = TimeSpan.FromSeconds(2) });
        _rpc = new EthereumRpc(_webSocket);
        _running = Task.WhenAll(Task.Run(() => RunAsync(node.Logger)), Task.Run(FollowClockAsync), Task.Run(ReadUntilSuccessAsync));
    }

    /// <summary>
    /// Adds everything that the chain has now. If the chain does not respond within 1 s, the store stays as it is.
    /// </summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        if (IsStuck) return;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        timeout.CancelAfter(IndexTimeout);
        try
        {
            if ((await _rpc.GetBlockNumberAsync(timeout.Token)).TryGet(out var head, out _) && head >= Volatile.Read(ref _nextBlock))
                await ReadChainAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The chain is slow, or the node is stopping.
        }
    }

    /// <summary>Stops following.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        await _webSocket.DisposeAsync();
        await _running;
        _adding.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(ILogger logger)
    {
        try
        {
            await foreach (var item in _webSocket.StreamLogsAsync(Events, _stopping.Token))
            {
                if (item.Kind == StreamItemKind.Lost || IsStuck) continue;
                var inOrder = item.Value is { } log && await TryAddNextAsync(log);
                if (!inOrder && await ReadChainAsync(_stopping.Token) is { } error) NodeLog.ChainUnread(logger, error);
            }
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
    }

    private bool IsStuck => _node.Faults.Current.IndexerStuck;

    // The node's clock follows a chain whose clock was moved, even while nothing is published.
    private async Task FollowClockAsync()
    {
        try
        {
            await foreach (var item in _webSocket.StreamHeadsAsync(_stopping.Token))
                if (item.Value is { } head)
                    _node.Clock.Observe(head.Timestamp);
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
    }

    // Events that came while the indexer was stuck are read when the fault ends.
    private async Task ReadUntilSuccessAsync()
    {
        var wasStuck = false;
        while (!_stopping.IsCancellationRequested)
        {
            var changed = _node.Faults.Changed;
            if (wasStuck && !IsStuck && await TryReadChainAsync() is { } error) NodeLog.ChainUnread(_node.Logger, error);
            wasStuck = IsStuck;
            await changed.WaitAsync(_stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task<RpcError?> TryReadChainAsync()
    {
        try
        {
            return await ReadChainAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // False when a sequence id is missing in between, or when the chain did not return the block.
    private async Task<bool> TryAddNextAsync(LogEntry log)
    {
        if (log.Removed || Read(log) is not { } found) return true;
        await _adding.WaitAsync(_stopping.Token);
        try
        {
            var last = _store.LastSequenceId(found.Originator);
            if (found.SequenceId <= last) return true;
            return found.SequenceId == last + 1 && (await AddAsync(log, found, _stopping.Token)).Value;
        }
        finally
        {
            _adding.Release();
        }
    }

    private async Task<RpcError?> ReadChainAsync(CancellationToken cancellationToken)
    {
        await _adding.WaitAsync(cancellationToken);
        try
        {
            if (!(await _rpc.GetBlockNumberAsync(cancellationToken)).TryGet(out var head, out var error)) return error;
            if (!(await _rpc.GetLogsAsync(Events.Between(Math.Min(_nextBlock, head), head), cancellationToken))
                .TryGet(out var logs, out error))
            {
                return error;
            }
            foreach (var log in logs)
                if (Read(log) is { } found && (await AddAsync(log, found, cancellationToken)).Error is { } unread)
                    return unread;
            Volatile.Write(ref _nextBlock, head + 1);
            return null;
        }
        finally
        {
            _adding.Release();
        }
    }

    private async Task<RpcResult<bool>> AddAsync(LogEntry log, ChainEnvelope found, CancellationToken cancellationToken)
    {
        if (found.SequenceId <= _store.LastSequenceId(found.Originator)) return true;
        if (_lastBlock?.Hash != log.BlockHash)
        {
            if (!(await _rpc.GetBlockAsync(log.BlockHash, cancellationToken)).TryGet(out var block, out var error)) return error;
            _lastBlock = block;
        }

        if (_lastBlock is null) return false;
        var seconds = _lastBlock.Timestamp;
        var nanoseconds = _times.Of(found.Originator, found.SequenceId, log.TransactionHash, () => _node.Clock.NextInBlock(seconds));
        _node.Clock.ContinueFrom(nanoseconds);
        var unsigned = OriginatorEnvelopeWriter.UnsignedEnvelope(
            found.Originator, found.SequenceId, nanoseconds, OriginatorEnvelopeWriter.PayerEnvelope(found.Payload.Span));
        var bytes = OriginatorEnvelopeWriter.ChainEnvelope(unsigned, log.TransactionHash.ToArray());

        // Anyone can call the contracts with any data; a payload that is not an envelope of that topic is skipped, as
        // by real nodes.
        if (StoredEnvelope.Read(bytes) is { } envelope && envelope.Topic.Bytes.Span.SequenceEqual(found.Topic)) _store.TryAdd(envelope);
        return true;
    }

    private static ChainEnvelope? Read(LogEntry log)
    {
        if (GroupMessageBroadcasterContract.TryReadMessageSent(log, out var sent))
            return new ChainEnvelope(0, sent.SequenceId, [(byte)TopicKind.GroupMessages, .. sent.GroupId.Span], sent.Message);
        if (IdentityUpdateBroadcasterContract.TryReadIdentityUpdateCreated(log, out var created))
            return new ChainEnvelope(1, created.SequenceId, [(byte)TopicKind.IdentityUpdates, .. created.InboxId.Span], created.Update);
        return null;
    }

    /// <summary>The content of an event.</summary>
    private sealed record ChainEnvelope(uint Originator, ulong SequenceId, byte[] Topic, ReadOnlyMemory<byte> Payload);
}
