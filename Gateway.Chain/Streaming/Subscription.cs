using System.Text.Json;
using System.Threading.Channels;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>A subscription that survives reconnects.</summary>
internal abstract class Subscription
{
    /// <summary>Requests the subscription on a connection until that accepts it or is lost. Called once per connection.</summary>
    public abstract Task AttachAsync(WebSocketConnection connection, CancellationToken cancellationToken);

    /// <summary>The connection is lost.</summary>
    public abstract void Lose();

    /// <summary>No further connection will come.</summary>
    public abstract void Complete();
}

/// <inheritdoc/>
/// <typeparam name="T">The type of its events.</typeparam>
/// <remarks>
/// A refusal may be temporary: the subscription is requested again, with waits that double, without end; so is one that
/// the server ends, and only one that lasted for some seconds makes the waits begin anew. Only after an unknown method it
/// waits for the next connection, which may lead to another server. After three requests in a row without a response the
/// connection is aborted.
/// </remarks>
internal sealed class Subscription<T>(
    IReadOnlyList<object?> parameters, Func<JsonElement, T?> read, WebSocketOptions options, TimeProvider time) : Subscription
    where T : class
{
    // For a peer that answers pings and nothing else.
    private const int MaxSilences = 3;

    private readonly Lock _gate = new();
    private readonly Channel<StreamItem<T>> _items = Channel.CreateUnbounded<StreamItem<T>>();
    private readonly Backoff _backoff = new(options.FirstBackoff, options.MaxBackoff);
    private long _liveSince;
    private WebSocketConnection? _connection;
    private string? _id;
    private bool _isOver;
    private CancellationToken _transportEnds;

    public ChannelReader<StreamItem<T>> Items => _items.Reader;

    public override async Task AttachAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_connection == connection) return;
            _connection = connection;
            _transportEnds = cancellationToken;
        }

        await AskUntilEndAsync(connection, TimeSpan.Zero).ConfigureAwait(false);
    }

    private async Task AskUntilEndAsync(WebSocketConnection connection, TimeSpan wait)
    {
        try
        {
            if (wait > TimeSpan.Zero) await Task.Delay(wait, time, _transportEnds).ConfigureAwait(false);
            if (IsWanted(connection)) await AskAsync(connection, _transportEnds).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The transport is being disposed.
        }
    }

    private async Task AskAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        for (var silences = 0; silences < MaxSilences;)
        {
            var answer = await AskOnceAsync(connection, cancellationToken).ConfigureAwait(false);
            if (!IsWanted(connection) || answer is { IsOk: true } or { Error: { Kind: RpcErrorKind.Transport, IsUnsent: false } }) return;
            silences = answer is null ? silences + 1 : 0;
            var error = answer?.Error ?? RpcError.Transport("eth_subscribe", "no answer came in time");
            // A request that was not sent, because the endpoint rate-limits, was not refused.
            if (!error.IsUnsent) _items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Refused, null) { Error = error });
            if (error.Kind == RpcErrorKind.MethodNotFound) return;
            var wait = error.IsUnsent ? TimeSpan.Zero : NextWait();
            await Task.Delay(error.RetryAfter > wait ? error.RetryAfter.Value : wait, time, cancellationToken).ConfigureAwait(false);
            if (!IsWanted(connection)) return;
        }

        connection.Abort();
    }

    // Null on timeout. A later response is ignored: its events would come twice.
    private async Task<RpcResult<string>?> AskOnceAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.SubscribeTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var answer = await connection.SendAsync(
                "eth_subscribe", parameters, result => Begin(connection, result), linked.Token).ConfigureAwait(false);
            return answer.Then<string>(
                name => WebSocketConnection.NameOf(name) is { } known
                    ? known
                    : RpcError.Malformed("eth_subscribe", "the answer names no subscription"));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private bool IsWanted(WebSocketConnection from)
    {
        lock (_gate) return _connection == from && !_isOver;
    }

    public override void Lose()
    {
        lock (_gate)
        {
            // A subscription that never started, or was lost before, has nothing to lose.
            if (_id is not null)
            {
                _items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Lost, null));
                if (time.GetElapsedTime(_liveSince) >= Backoff.StableAfter) _backoff.Reset();
            }

            _connection = null;
            _id = null;
        }
    }

    private TimeSpan NextWait()
    {
        lock (_gate) return _backoff.Next();
    }

    public override void Complete() => _items.Writer.TryComplete();

    /// <summary>The reader stopped reading.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        WebSocketConnection? last;
        string? name;
        lock (_gate)
        {
            last = _connection;
            name = _id;
            _isOver = true;
        }
        if (last is null || name is null) return;
        last.Forget(name);
        await last.SendAsync("eth_unsubscribe", [name], null, cancellationToken).ConfigureAwait(false);
    }

    // Runs on the connection's receive loop, before any event of this subscription is read.
    private void Begin(WebSocketConnection from, JsonElement result)
    {
        if (WebSocketConnection.NameOf(result) is not { } name) return;
        lock (_gate)
        {
            if (_connection != from) return;
            _id = name;
            _liveSince = time.GetTimestamp();
            _items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Live, null));
            from.Listen(_id, Add, () => End(from));
        }
    }

    // The server ended the subscription, but not the connection.
    private void End(WebSocketConnection from)
    {
        TimeSpan wait;
        lock (_gate)
        {
            if (_connection != from || _id is null) return;
            _id = null;
            _items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Lost, null));
            if (time.GetElapsedTime(_liveSince) >= Backoff.StableAfter) _backoff.Reset();
            wait = _backoff.Next();
        }

        _ = AskUntilEndAsync(from, wait);
    }

    private void Add(JsonElement json)
    {
        T? item;
        try
        {
            item = read(json);
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            // An unreadable item came: the reader must read the chain itself.
            StartAnew();
            return;
        }

        // Not an item of this subscription.
        if (item is null) return;
        if (_items.Reader.Count >= options.MaxUnread) StartAnew();
        _items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Value, item));
    }

    private void StartAnew()
    {
        while (_items.Reader.TryRead(out _))
        {
            // The reader will find on the chain what is dropped here.
        }

        _items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Live, null));
    }
}
