using Grpc.Core;
using Xmtp.Gateway.DevNet.Nodes.Replication;
using Xmtp.Gateway.Protocol.Wire;
using static Xmtp.Gateway.Protocol.Wire.SubscribeTopicsResponse.Types;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>Streams envelopes to readers, until they disconnect or the node stops.</summary>
/// <remarks>
/// Each stream starts with a message without envelopes, so that a browser sees it open, and sends one whenever nothing
/// was sent for <see cref="KeepAlive"/>. A node that stops ends its streams without an error, as real nodes do; only
/// <see cref="ByChangesAsync"/> ends with UNAVAILABLE.
/// </remarks>
internal sealed class SubscribeService(
    EnvelopeStore store, DevNodeOptions options, NodeFaultState faults, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);
    private int _readers;

    /// <summary>The number of open client streams; those of other nodes do not count.</summary>
    public int Readers => Volatile.Read(ref _readers);

    /// <summary>
    /// Streams by topic, each with its own cursor, and with messages about the state of the stream. The first one comes
    /// before the request is checked.
    /// </summary>
    public async Task ByTopicsAsync(
        SubscribeTopicsRequest request, IServerStreamWriter<SubscribeTopicsResponse> output, ServerCallContext call)
    {
        await output.WriteAsync(Status(SubscriptionStatus.Started), call.CancellationToken);
        var cursor = ReadRequests.Cursor(request);
        await FollowAsync(
            cursor,
            batch => output.WriteAsync(new SubscribeTopicsResponse { Envelopes = new Envelopes { Envelopes_ = { batch } } }),
            () => output.WriteAsync(Status(SubscriptionStatus.CatchupComplete)),
            () => output.WriteAsync(Status(SubscriptionStatus.Waiting)),
            call.CancellationToken,
            isClient: true);
    }

    /// <summary>Streams by topics or originators, with one cursor for all; without a cursor, only new envelopes.</summary>
    public async Task ByQueryAsync(
        SubscribeEnvelopesRequest request, IServerStreamWriter<SubscribeEnvelopesResponse> output, ServerCallContext call)
    {
        var cursor = ReadRequests.Cursor(request.Query, mayBeEmpty: false);
        if (request.Query.LastSeen is null) SkipWhatIsThere(cursor);
        await output.WriteAsync(new SubscribeEnvelopesResponse(), call.CancellationToken);
        await FollowAsync(
            cursor,
            batch => output.WriteAsync(new SubscribeEnvelopesResponse { Envelopes = { batch } }),
            () => Task.CompletedTask,
            () => output.WriteAsync(new SubscribeEnvelopesResponse()),
            call.CancellationToken,
            isClient: true);
    }

    /// <summary>
    /// Streams by originators, for other nodes, which get nothing while <see cref="NodeFaults.ReplicationStopped"/> holds.
    /// </summary>
    public async Task ByOriginatorsAsync(
        SubscribeOriginatorsRequest request, IServerStreamWriter<SubscribeOriginatorsResponse> output, ServerCallContext call)
    {
        var cursor = ReadRequests.Cursor(request);
        var isNode = call.RequestHeaders.GetValue(NodeToken.Header) is not null;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, lifetime.ApplicationStopping);
        await output.WriteAsync(new SubscribeOriginatorsResponse(), call.CancellationToken);
        await FollowAsync(
            cursor,
            async batch =>
            {
                if (isNode) await faults.UntilReplicatingAsync(ended.Token);
                await output.WriteAsync(
                    new SubscribeOriginatorsResponse
                    {
                        Envelopes = new SubscribeOriginatorsResponse.Types.Envelopes { Envelopes_ = { batch } },
                    });
            },
            () => Task.CompletedTask,
            () => output.WriteAsync(new SubscribeOriginatorsResponse()),
            call.CancellationToken);
    }

    /// <summary>Streams all new envelopes of all originators.</summary>
    public async Task AllAsync(IServerStreamWriter<SubscribeEnvelopesResponse> output, ServerCallContext call)
    {
        await output.WriteAsync(new SubscribeEnvelopesResponse(), call.CancellationToken);
        await FollowAsync(
            ReadCursor.Everything(),
            batch => output.WriteAsync(new SubscribeEnvelopesResponse { Envelopes = { batch } }),
            () => Task.CompletedTask,
            () => output.WriteAsync(new SubscribeEnvelopesResponse()),
            call.CancellationToken,
            isClient: true);
    }

    /// <summary>Streams by topics that the reader can change while the stream is open.</summary>
    public async Task ByChangesAsync(
        IAsyncStreamReader<SubscribeRequest> input, IServerStreamWriter<SubscribeResponse> output, ServerCallContext call)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, lifetime.ApplicationStopping);
        Interlocked.Increment(ref _readers);
        try
        {
            await new TopicSession(store, output, options.Time, KeepAlive).RunAsync(input, linked.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "the node stops"));
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private static SubscribeTopicsResponse Status(
        SubscriptionStatus status) => new() { StatusUpdate = new StatusUpdate { Status = status } };

    private void SkipWhatIsThere(ReadCursor cursor)
    {
        foreach (var envelope in cursor.Candidates(store)) cursor.TryTake(envelope);
    }

    private async Task FollowAsync(
        ReadCursor cursor,
        Func<IReadOnlyList<OriginatorEnvelope>, Task> send,
        Func<Task> caughtUp,
        Func<Task> keepAlive,
        CancellationToken cancellationToken,
        bool isClient = false)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        // Created before it counts as a reader, so that nothing after that is missed.
        var feed = new EnvelopeFeed(store, cursor);
        if (isClient) Interlocked.Increment(ref _readers);
        try
        {
            foreach (var batch in feed.CatchUp()) await send(batch);
            await caughtUp();
            var next = feed.NextAsync(linked.Token);
            while (true)
            {
                if (await IsSilentAsync(next, linked.Token))
                {
                    await keepAlive();
                    continue;
                }

                foreach (var batch in await next) await send(batch);
                next = feed.NextAsync(linked.Token);
            }
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            // The reader disconnected, or the node is stopping.
        }
        finally
        {
            if (isClient) Interlocked.Decrement(ref _readers);
        }
    }

    private async Task<bool> IsSilentAsync(Task next, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var silence = Task.Delay(KeepAlive, options.Time, waiting.Token);
        var first = await Task.WhenAny(next, silence);
        await waiting.CancelAsync();
        return first == silence && silence.IsCompletedSuccessfully;
    }
}
