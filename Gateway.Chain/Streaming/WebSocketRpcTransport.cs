using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>JSON-RPC over one WebSocket that reconnects whenever it breaks, and streams of chain events over it.</summary>
/// <remarks>
/// Thread-safe. It connects at once, in the background. A request waits for a connection attempt in progress, and fails
/// at once with <see cref="RpcErrorKind.Transport"/> when there is no connection. Pings detect a dead peer. Streams
/// continue over a new connection and report where they may have missed events. A refused subscription is reported
/// (<see cref="StreamItemKind.Refused"/>) and requested again; it never ends the stream. While the endpoint rate-limits, over
/// HTTP or here, it neither connects nor sends: see <see cref="HttpRpcTransport"/>.
/// </remarks>
public sealed class WebSocketRpcTransport : IRpcTransport, IAsyncDisposable
{
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(1);

    private readonly Uri _url;
    private readonly WebSocketOptions _options;
    private readonly TimeProvider _time;
    private readonly EndpointPause _pause;
#pragma warning disable CA2213 // Never disposed: a late caller may still read it, and it has no resources.
    private readonly CancellationTokenSource _stopping = new();
#pragma warning restore CA2213
    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = [];
    private readonly Task _running;
    private TaskCompletionSource<WebSocketConnection?> _connecting = NewAttempt();
    private TimeSpan? _refusedFor;

    /// <summary>Connects to <paramref name="url"/>.</summary>
    /// <param name="url">ws or wss; may hold credentials.</param>
    /// <param name="options">Null takes the defaults.</param>
    /// <param name="time">The clock of the waits between attempts.</param>
    public WebSocketRpcTransport(Uri url, WebSocketOptions? options = null, TimeProvider? time = null)
    {
        if (url.Scheme is not ("ws" or "wss")) throw new ArgumentException("the URL must be ws or wss", nameof(url));
        _url = url;
        _options = options ?? new WebSocketOptions();
        _time = time ?? TimeProvider.System;
        _pause = EndpointPause.Of(url);
        Endpoint = RedactedUrl.Of(url);
        _running = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public string Endpoint { get; }

    /// <summary>Whether there is a connection now.</summary>
    public bool IsConnected { get; private set; }

    /// <inheritdoc/>
    public async Task<RpcResult<JsonElement>> SendAsync(
        string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken)
    {
        if (_pause.Refuse(method, Endpoint) is { } refused) return refused;
        var connection = await Volatile.Read(ref _connecting).Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return connection is null
            ? RpcError.Transport(method, $"{Endpoint} is not connected")
            : await connection.SendAsync(method, parameters, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The heads of new blocks, until the token is cancelled or the transport is disposed.</summary>
    public IAsyncEnumerable<StreamItem<Block>> StreamHeadsAsync(CancellationToken cancellationToken) =>
        StreamAsync(["newHeads"], Block.Read, cancellationToken);

    /// <summary>New logs that match a filter, and logs that a reorganization removed (<see cref="LogEntry.Removed"/>).</summary>
    public IAsyncEnumerable<StreamItem<LogEntry>> StreamLogsAsync(LogFilter filter, CancellationToken cancellationToken) =>
        StreamAsync(["logs", filter], filter.Read, cancellationToken);

    /// <summary>
    /// Drops the connection and makes a new one, for a caller that detects a peer that answers but sends no events.
    /// </summary>
    public void Restart()
    {
        lock (_gate)
        {
            if (IsConnected) _connecting.Task.Result!.Abort();
        }
    }

    /// <summary>Closes the connection and ends all streams.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    private static TaskCompletionSource<WebSocketConnection?> NewAttempt() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async IAsyncEnumerable<StreamItem<T>> StreamAsync<T>(
        IReadOnlyList<object?> parameters, Func<JsonElement, T?> read, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var subscription = new Subscription<T>(parameters, read, _options, _time);
        Add(subscription);
        try
        {
            await foreach (var item in subscription.Items.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return item;
        }
        finally
        {
            lock (_gate) _subscriptions.Remove(subscription);
            _ = subscription.EndAsync(CancellationToken.None);
        }
    }

    private void Add(Subscription subscription)
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested) subscription.Complete();
            _subscriptions.Add(subscription);
            if (IsConnected) _ = subscription.AttachAsync(_connecting.Task.Result!, _stopping.Token);
        }
    }

    private async Task RunAsync()
    {
        var backoff = new Backoff(_options.FirstBackoff, _options.MaxBackoff);
        while (!_stopping.IsCancellationRequested)
        {
            while (_pause.Left is { } left && !_stopping.IsCancellationRequested) await PauseAsync(left).ConfigureAwait(false);
            using var connection = await ConnectAsync().ConfigureAwait(false);
            if (connection is not null)
            {
                var since = _time.GetTimestamp();
                await ServeAsync(connection).ConfigureAwait(false);
                if (_time.GetElapsedTime(since) >= Backoff.StableAfter) backoff.Reset();
            }

            _connecting.TrySetResult(null);
            await PauseAsync(UntilNextAttempt(backoff.Next())).ConfigureAwait(false);
            Volatile.Write(ref _connecting, NewAttempt());
        }

        _connecting.TrySetResult(null);
        lock (_gate) _subscriptions.ForEach(subscription => subscription.Complete());
    }

    private async Task<WebSocketConnection?> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = _options.KeepAliveInterval;
        socket.Options.KeepAliveTimeout = _options.KeepAliveTimeout;
        socket.Options.CollectHttpResponseDetails = true;
        if (BasicCredentials.Of(_url) is { } credentials) socket.Options.SetRequestHeader("Authorization", credentials.ToString());
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        try
        {
            await socket.ConnectAsync(_url, linked.Token).ConfigureAwait(false);
            return new WebSocketConnection(socket, Endpoint, _pause, _options.MaxMessageBytes);
        }
        catch (Exception exception)
            when (exception is WebSocketException or OperationCanceledException or HttpRequestException or IOException)
        {
            _refusedFor = RetryAfter.Of(socket.HttpResponseHeaders);
            socket.Dispose();
            return null;
        }
    }

    // A refused handshake may be about WebSockets alone: requests over HTTP do not wait for it.
    private TimeSpan UntilNextAttempt(TimeSpan backoff)
    {
        var refused = _refusedFor ?? TimeSpan.Zero;
        _refusedFor = null;
        return refused > MaxRetryAfter ? MaxRetryAfter : refused > backoff ? refused : backoff;
    }

    private async Task ServeAsync(WebSocketConnection connection)
    {
        var reading = connection.RunAsync(_stopping.Token);
        lock (_gate)
        {
            _connecting.TrySetResult(connection);
            IsConnected = true;
            foreach (var subscription in _subscriptions) _ = subscription.AttachAsync(connection, _stopping.Token);
        }

        await reading.ConfigureAwait(false);
        lock (_gate)
        {
            IsConnected = false;
            foreach (var subscription in _subscriptions) subscription.Lose();
        }
    }

    private async Task PauseAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, _time, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop checks the token.
        }
    }
}
