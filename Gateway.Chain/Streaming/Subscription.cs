using System.Text.Json;
using System.Threading.Channels;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>A subscription that outlives connections.</summary>
internal abstract class Subscription
{
    /// <summary>Asks a connection for it, once a connection.</summary>
    public abstract Task AttachAsync(WebSocketConnection connection, CancellationToken cancellationToken);

    /// <summary>The connection is gone.</summary>
    public abstract void Lose();

    /// <summary>There will be no connection any more.</summary>
    public abstract void Complete();
}

/// <inheritdoc/>
/// <typeparam name="T">Its news.</typeparam>
internal sealed class Subscription<T>(IReadOnlyList<object?> parameters, Func<JsonElement, T> read, int maxUnread) : Subscription
    where T : class
{
    private readonly Lock gate = new();
    private readonly Channel<StreamItem<T>> items = Channel.CreateUnbounded<StreamItem<T>>();
    private WebSocketConnection? connection;
    private string? id;

    public ChannelReader<StreamItem<T>> Items => items.Reader;

    public override async Task AttachAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (this.connection == connection) return;
            this.connection = connection;
        }

        var answer = await connection.SendAsync("eth_subscribe", parameters, result => Begin(connection, result), cancellationToken).ConfigureAwait(false);
        if (answer.Error is { Kind: not RpcErrorKind.Transport } error) items.Writer.TryComplete(new RpcException(error));
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
        lock (gate) (last, name) = (connection, id);
        if (last is null || name is null) return;
        last.Forget(name);
        await last.SendAsync("eth_unsubscribe", [name], null, cancellationToken).ConfigureAwait(false);
    }

    // Runs on the connection's reading loop, before any news of this subscription is read.
    private void Begin(WebSocketConnection from, JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.String) return;
        lock (gate)
        {
            if (connection != from) return;
            id = result.GetString()!;
            items.Writer.TryWrite(new StreamItem<T>(StreamItemKind.Live, null));
            from.Listen(id, Add);
        }
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

        if (items.Reader.Count >= maxUnread) StartAnew();
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
