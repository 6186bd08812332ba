using System.Text.Json;
using System.Threading.Channels;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>A subscription that outlives connections.</summary>
internal abstract class Subscription
{
    /// <summary>Asks a connection for it until the connection takes it, or is gone. Once a connection.</summary>
    public abstract Task AttachAsync(WebSocketConnection connection, CancellationToken cancellationToken);

    /// <summary>The connection is gone.</summary>
    public abstract void Lose();

    /// <summary>There will be no connection any more.</summary>
    public abstract void Complete();
}

/// <inheritdoc/>
/// <typeparam name="T">Its news.</typeparam>
/// <remarks>
/// A refusal may be for now: it is asked for again, with waits that double, for ever. Only an unknown method is not asked for
/// again before the next connection, which may lead to another server. A server that answers nothing, time after time, is
/// given up, and with it the connection.
/// </remarks>
internal sealed class Subscription<T>(IReadOnlyList<object?> parameters, Func<JsonElement, T> read, WebSocketOptions options, TimeProvider time) : Subscription
    where T : class
{
    // Of a connection whose peer answers pings and nothing else.
    private const int MaxSilences = 3;

    private readonly Lock gate = new();
    private readonly Channel<StreamItem<T>> items = Channel.CreateUnbounded<StreamItem<T>>();
    private WebSocketConnection? connection;
    private string? id;
    private bool isOver;
    private CancellationToken transportEnds;

    public ChannelReader<StreamItem<T>> Items => items.Reader;

    public override async Task AttachAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (this.connection == connection) return;
            (this.connection, transportEnds) = (connection, cancellationToken);
        }

        await AskUntilEndAsync(connection).ConfigureAwait(false);
    }

    private async Task AskUntilEndAsync(WebSocketConnection connection)
    {
        try
        {
            await AskAsync(connection, transportEnds).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The transport ends.
        }
    }

    private async Task AskAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options.FirstBackoff, options.MaxBackoff);
        for (var silences = 0; silences < MaxSilences;)
        {
            var answer = await AskOnceAsync(connection, cancellationToken).ConfigureAwait(false);
            if (!IsWanted(connection) || answer is { IsOk: true } or { Error.Kind: RpcErrorKind.Transport }) return;
            silences = answer is null ? silences + 1 : 0;
            var error = answer?.Error ?? RpcError.Transport("eth_subscribe", "no answer came in time");
            items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Refused, null) { Error = error });
            if (error.Kind == RpcErrorKind.MethodNotFound) return;
            var wait = backoff.Next();
            await Task.Delay(error.RetryAfter > wait ? error.RetryAfter.Value : wait, time, cancellationToken).ConfigureAwait(false);
            if (!IsWanted(connection)) return;
        }

        connection.Abort();
    }

    // Null when no answer came in time. One that comes later is not heard: its news would come twice.
    private async Task<RpcResult<string>?> AskOnceAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.SubscribeTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var answer = await connection.SendAsync("eth_subscribe", parameters, result => Begin(connection, result), linked.Token).ConfigureAwait(false);
            return answer.Then<string>(name => WebSocketConnection.NameOf(name) is { } known ? known : RpcError.Malformed("eth_subscribe", "the answer names no subscription"));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private bool IsWanted(WebSocketConnection from)
    {
        lock (gate) return connection == from && !isOver;
    }

    public override void Lose()
    {
        lock (gate)
        {
            // A subscription that never began, or was lost before, has nothing to lose.
            if (id is not null) items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Lost, null));
            (connection, id) = (null, null);
        }
    }

    public override void Complete() => items.Writer.TryComplete();

    /// <summary>Nobody reads any longer.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        WebSocketConnection? last;
        string? name;
        lock (gate) (last, name, isOver) = (connection, id, true);
        if (last is null || name is null) return;
        last.Forget(name);
        await last.SendAsync("eth_unsubscribe", [name], null, cancellationToken).ConfigureAwait(false);
    }

    // Runs on the connection's reading loop, before any news of this subscription is read.
    private void Begin(WebSocketConnection from, JsonElement result)
    {
        if (WebSocketConnection.NameOf(result) is not { } name) return;
        lock (gate)
        {
            if (connection != from) return;
            id = name;
            items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Live, null));
            from.Listen(id, Add, () => End(from));
        }
    }

    // The server ended it, and not the connection.
    private void End(WebSocketConnection from)
    {
        lock (gate)
        {
            if (connection != from || id is null) return;
            id = null;
            items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Lost, null));
        }

        _ = AskUntilEndAsync(from);
    }

    private void Add(JsonElement json)
    {
        T news;
        try
        {
            news = read(json);
        }
        catch (FormatException)
        {
            // Something came that we cannot read: the reader has to look at the chain itself.
            StartAnew();
            return;
        }

        if (items.Reader.Count >= options.MaxUnread) StartAnew();
        items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.News, news));
    }

    private void StartAnew()
    {
        while (items.Reader.TryRead(out _))
        {
            // What is thrown away here is what the reader will find on the chain.
        }

        items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Live, null));
    }
}
