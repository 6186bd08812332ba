using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Replication;

/// <summary>Brings what another node originates into a node's store, from the last number that it has of it.</summary>
/// <remarks>A stream that breaks is opened again after a wait that doubles up to a second. Signatures are checked.</remarks>
internal sealed class PeerFollower : IAsyncDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly EnvelopeStore store;
    private readonly uint self;
    private readonly NodePeer peer;
    private readonly ILogger logger;
    private readonly Metadata headers;
    private readonly GrpcChannel channel;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;

    /// <summary>Begins at once, in the background.</summary>
    public PeerFollower(NodeState node, NodePeer peer)
    {
        (store, self, this.peer, logger) = (node.Store, node.Options.NodeId, peer, node.Logger);
        headers = new Metadata { { NodeToken.Header, NodeToken.Make(self, peer.Id, node.Key) } };
        channel = GrpcChannel.ForAddress(peer.Address, new GrpcChannelOptions { InitialReconnectBackoff = FirstWait, MaxReconnectBackoff = MaxWait, MaxReceiveMessageSize = null });
        running = Task.Run(RunAsync);
    }

    /// <summary>Stops following.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync();
        await running;
        channel.Dispose();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var wait = FirstWait;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(() => wait = FirstWait);
            }
            catch (RpcException error)
            {
                NodeLog.PeerLost(logger, self, peer.Id, error.Status.Detail);
            }
            catch (OperationCanceledException)
            {
                // The node stops; the loop sees it.
            }

            await Task.Delay(wait, TimeProvider.System, stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            wait = wait * 2 < MaxWait ? wait * 2 : MaxWait;
        }
    }

    private async Task FollowAsync(Action connected)
    {
        var request = new SubscribeOriginatorsRequest
        {
            Filter = new() { OriginatorNodeIds = { peer.Id }, LastSeen = new Cursor { NodeIdToSequenceId = { { peer.Id, store.LastSequenceId(peer.Id) } } } },
        };
        using var call = new ReplicationApi.ReplicationApiClient(channel).SubscribeOriginators(request, headers, cancellationToken: stopping.Token);
        await foreach (var message in call.ResponseStream.ReadAllAsync(stopping.Token))
        {
            connected();
            foreach (var envelope in message.Envelopes?.Envelopes_ ?? []) Add(envelope.ToByteArray());
        }
    }

    private void Add(byte[] bytes)
    {
        if (StoredEnvelope.Read(bytes) is { } envelope && envelope.OriginatorId == peer.Id && IsSigned(bytes)) store.TryAdd(envelope);
        else NodeLog.PeerLied(logger, self, peer.Id);
    }

    private bool IsSigned(byte[] bytes)
    {
        if (!OriginatorEnvelopeView.TryRead(bytes, out var view) || view.Signature.Length != 65) return false;
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        Span<byte> signer = stackalloc byte[65];
        OriginatorSignature.Hash(view.UnsignedEnvelope.Span, hash);
        return Secp256k1.Default.TryRecover(hash, view.Signature.Span, signer) && signer.SequenceEqual(peer.PublicKey.Span);
    }
}
