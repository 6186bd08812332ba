using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Wire;
using Mutate = Xmtp.Gateway.Protocol.Wire.SubscribeRequest.Types.V1.Types.Mutate;
using V1 = Xmtp.Gateway.Protocol.Wire.SubscribeResponse.Types.V1;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>
/// A stream of XIP-83: the client adds and removes topics while it is open, and both sides can ping each other.
/// </summary>
/// <remarks>
/// <code>
/// Started; then for each change of the client: its history, TopicsLive, CatchupComplete; then new envelopes as they arrive
/// </code>
/// A single loop does everything, so frames of two changes never mix. When nothing was sent for a keep-alive, a Ping is
/// sent; without its Pong after another keep-alive the stream ends.
/// </remarks>
internal sealed class TopicSession(
    EnvelopeStore store, IServerStreamWriter<SubscribeResponse> output, TimeProvider time, TimeSpan keepAlive)
{
    private readonly Dictionary<string, ReadCursor> _topics = [];
    private int _position;
    private ulong _nonce;
    private bool _isAwaitingPong;
    private long _lastSent;

    /// <summary>Runs the stream until the client completes its side.</summary>
    /// <exception cref="RpcException">A request is invalid, or the client does not respond.</exception>
    public async Task RunAsync(IAsyncStreamReader<SubscribeRequest> input, CancellationToken cancellationToken)
    {
        await SendAsync(new V1 { Started = new V1.Types.Started { KeepaliveIntervalMs = (uint)keepAlive.TotalMilliseconds } });
        _position = store.Count;
        var frame = input.MoveNext(cancellationToken);
        while (true)
        {
            var fresh = store.ReadFrom(_position);
            _position = fresh.Next;
            await SendAsync(Taken(fresh.Envelopes), mutateId: 0);
            if (await WaitAsync(frame, fresh.More, cancellationToken) == frame)
            {
                if (!await frame) return;
                await HandleAsync(input.Current);
                frame = input.MoveNext(cancellationToken);
            }
            else if (time.GetElapsedTime(_lastSent) >= keepAlive)
            {
                if (_isAwaitingPong) throw new RpcException(new Grpc.Core.Status(StatusCode.DeadlineExceeded, "no Pong came in time"));
                _isAwaitingPong = true;
                await SendAsync(new V1 { Ping = new Ping { Nonce = ++_nonce } });
            }
        }
    }

    private async Task<Task> WaitAsync(Task frame, Task more, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var rest = keepAlive - time.GetElapsedTime(_lastSent);
        var silence = Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, time, waiting.Token);
        await Task.WhenAny(frame, more, silence);
        await waiting.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return frame.IsCompleted ? frame : more;
    }

    private Task HandleAsync(SubscribeRequest request) => request.V1 switch
    {
        null => throw ReadRequests.Refuse("version: not known"),
        { Ping: { } ping } => SendAsync(new V1 { Pong = new Pong { Nonce = ping.Nonce } }),
        { Pong: { } pong } => Heard(pong),
        { Mutate: { } mutate } => ChangeAsync(mutate),
        _ => Task.CompletedTask,
    };

    private Task Heard(Pong pong)
    {
        if (pong.Nonce == _nonce) _isAwaitingPong = false;
        return Task.CompletedTask;
    }

    // Everything is checked before anything is changed. A topic that is removed and added starts again; one that exists
    // stays unchanged.
    private async Task ChangeAsync(Mutate mutate)
    {
        if (mutate.Adds.Count > 0 && mutate.MutateId == 0) throw ReadRequests.Refuse("mutate.mutate_id: 0, and there are adds");
        var removes = mutate.Removes.Select((topic, i) => Key($"mutate.removes[{i}]", topic)).ToHashSet();
        var adds = new Dictionary<string, Mutate.Types.Subscription>();
        for (var i = 0; i < mutate.Adds.Count; i++) adds.TryAdd(Key($"mutate.adds[{i}].topic", mutate.Adds[i].Topic), mutate.Adds[i]);

        foreach (var topic in removes) _topics.Remove(topic);
        var added = adds.Where(add => mutate.HistoryOnly || !_topics.ContainsKey(add.Key))
            .ToDictionary(add => add.Key, add => Cursor(add.Value));
        var history = added.Values.SelectMany(cursor => cursor.Candidates(store).Where(cursor.TryTake))
            .OrderBy(envelope => envelope.OriginatorId)
            .ThenBy(envelope => envelope.SequenceId);
        await SendAsync([.. history], mutate.MutateId);
        if (added.Count > 0)
            await SendAsync(new V1 { TopicsLive = new V1.Types.TopicsLive { Topics = { added.Keys.Select(key => adds[key].Topic) } } });
        await SendAsync(new V1 { CatchupComplete = new V1.Types.CatchupComplete { MutateId = mutate.MutateId } });
        if (mutate.HistoryOnly) return;
        foreach (var (key, cursor) in added) _topics[key] = cursor;
    }

    private static string Key(string field, ByteString topic) =>
        topic.Length is > 1 and <= 128 && topic[0] <= 5
            ? Convert.ToHexString(topic.Span)
            : throw ReadRequests.Refuse($"{field}: not a topic that is served");

    private static ReadCursor Cursor(Mutate.Types.Subscription add)
    {
        var cursor = new ReadCursor();
        cursor.AddTopic(add.Topic, add.LastSeen);
        return cursor;
    }

    private List<StoredEnvelope> Taken(IReadOnlyList<StoredEnvelope> envelopes) =>
        [.. envelopes.Where(
            envelope => _topics.TryGetValue(Convert.ToHexString(envelope.Topic.Bytes.Span), out var cursor) && cursor.TryTake(envelope))];

    private async Task SendAsync(IReadOnlyList<StoredEnvelope> envelopes, ulong mutateId)
    {
        foreach (var batch in EnvelopeFeed.Batches(envelopes))
            await SendAsync(new V1 { Envelopes = new V1.Types.Envelopes { Envelopes_ = { batch }, MutateId = mutateId } });
    }

    private async Task SendAsync(V1 frame)
    {
        _lastSent = time.GetTimestamp();
        await output.WriteAsync(new SubscribeResponse { V1 = frame });
    }
}
