using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Replication;

/// <summary>Replicates the envelopes that another node originates into a node's store, after the last one that it has.</summary>
/// <remarks>
/// A broken stream is reopened after a wait that doubles up to 1 s. Signatures are checked. While
/// <see cref="NodeFaults.ReplicationStopped"/> holds, nothing is stored.
/// </remarks>
internal sealed class PeerFollower : IAsyncDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly EnvelopeStore _store;
    private readonly NodeFaultState _faults;
    private readonly uint _self;
    private readonly NodePeer _peer;
    private readonly ILogger _logger;
    private readonly Metadata _headers;
    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    /// <summary>Starts at once, in the background.</summary>
    public PeerFollower(NodeState node, NodePeer peer)
    {
        _store = node.Store;
        _faults = node.Faults;
        _self = node.Options.NodeId;
        _peer = peer;
        _logger = node.Logger;
        _headers = new Metadata { { NodeToken.Header, NodeToken.Make(_self, peer.Id, node.Key) } };
        _channel = GrpcChannel.ForAddress(
            peer.Address,
            new GrpcChannelOptions { InitialReconnectBackoff = FirstWait, MaxReconnectBackoff = MaxWait, MaxReceiveMessageSize = null });
        _running = Task.Run(RunAsync);
    }

    /// <summary>Stops following.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        await _running;
        _channel.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var wait = FirstWait;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _faults.UntilReplicatingAsync(_stopping.Token);
                await FollowAsync(() => wait = FirstWait);
            }
            catch (RpcException exception)
            {
                NodeLog.PeerLost(_logger, _self, _peer.Id, exception.Status.Detail);
            }
            catch (OperationCanceledException)
            {
                // The node is stopping; the loop checks the token.
            }

            await Task.Delay(wait, TimeProvider.System, _stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            wait = wait * 2 < MaxWait ? wait * 2 : MaxWait;
        }
    }

    private async Task FollowAsync(Action connected)
    {
        var request = new SubscribeOriginatorsRequest
        {
            Filter = new()
            {
                OriginatorNodeIds = { _peer.Id },
                LastSeen = new Cursor { NodeIdToSequenceId = { { _peer.Id, _store.LastSequenceId(_peer.Id) } } },
            },
        };
        using var call = new ReplicationApi.ReplicationApiClient(_channel)
            .SubscribeOriginators(request, _headers, cancellationToken: _stopping.Token);
        await foreach (var message in call.ResponseStream.ReadAllAsync(_stopping.Token))
        {
            connected();
            if (_faults.Current.ReplicationStopped) return;
            foreach (var envelope in message.Envelopes?.Envelopes_ ?? []) Add(envelope.ToByteArray());
        }
    }

    private void Add(byte[] bytes)
    {
        if (StoredEnvelope.Read(bytes) is { } envelope && envelope.OriginatorId == _peer.Id && IsSigned(bytes)) _store.TryAdd(envelope);
        else NodeLog.PeerSignatureInvalid(_logger, _self, _peer.Id);
    }

    private bool IsSigned(byte[] bytes)
    {
        if (!OriginatorEnvelopeView.TryRead(bytes, out var view) || view.Signature.Length != 65) return false;
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        Span<byte> signer = stackalloc byte[65];
        OriginatorSignature.Hash(view.UnsignedEnvelope.Span, hash);
        return Secp256k1.Default.TryRecover(hash, view.Signature.Span, signer) && signer.SequenceEqual(_peer.PublicKey.Span);
    }
}
