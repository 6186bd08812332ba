using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>One connected socket until it breaks: requests and their responses by id, notifications by subscription.</summary>
/// <remarks>
/// A notification is <c>{"method":"eth_subscription","params":{"subscription":"0x…","result":…}}</c>. It may directly follow the
/// response that names its subscription, so that response is handled on the receive loop, before the next message. An error
/// without an id, or a text that is not JSON, is the answer to every request in flight: which one it is for is not known.
/// </remarks>
internal sealed class WebSocketConnection(ClientWebSocket socket, string endpoint, EndpointPause pause, int maxMessageBytes) : IDisposable
{
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<long, Pending> _pending = new();
    private readonly ConcurrentDictionary<string, (Action<JsonElement> Notify, Action Ended)> _subscriptions = new();
    private volatile bool _closed;
    private long _lastId;

    /// <summary>Reads until the socket breaks or the token is cancelled; then every request in flight fails.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var message = new ArrayBufferWriter<byte>(16 << 10);
            while (await ReceiveAsync(message, cancellationToken).ConfigureAwait(false)) Dispatch(message.WrittenSpan);
        }
        catch (Exception exception)
            when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The reason does not matter: the cleanup is the same.
        }

        _closed = true;
        // 1013 is "try again later".
        if ((int?)socket.CloseStatus == 1013 || RpcErrorWords.IsLimit(socket.CloseStatusDescription ?? string.Empty))
            pause.Begin(new RpcError(string.Empty, RpcErrorKind.RateLimited, 0, string.Empty));
        socket.Abort();
        foreach (var id in _pending.Keys)
            Complete(id, waiting => RpcError.Transport(waiting.Method, $"{endpoint} closed the connection before it answered"));
    }

    public async Task<RpcResult<JsonElement>> SendAsync(
        string method, IReadOnlyList<object?> parameters, Action<JsonElement>? onResult, CancellationToken cancellationToken)
    {
        if (pause.Refuse(method, endpoint) is { } refused) return refused;
        var id = Interlocked.Increment(ref _lastId);
        var waiting = new Pending(method, onResult);
        _pending[id] = waiting;
        try
        {
            await WriteAsync(
                RpcRequest.Write(id, method, parameters), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (_closed) return RpcError.Transport(method, $"{endpoint} is not connected");
            var answer = await waiting.Answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (answer.Error is { Kind: RpcErrorKind.Transport }) return answer;
            return pause.Observe(answer.Error) is { } error ? error : answer;
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or ObjectDisposedException)
        {
            return RpcError.Transport(method, $"{endpoint} ended the connection");
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <summary>Aborts the socket, which ends <see cref="RunAsync"/>.</summary>
    public void Abort() => socket.Abort();

    /// <summary>Registers the callbacks for a subscription's notifications and for its end by the server.</summary>
    public void Listen(string subscription, Action<JsonElement> notify, Action ended) => _subscriptions[subscription] = (notify, ended);

    public void Forget(string subscription) => _subscriptions.TryRemove(subscription, out _);

    public void Dispose()
    {
        socket.Dispose();
        _sending.Dispose();
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The caller's token must not cut off a message: that would end the socket for all callers.
            await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task<bool> ReceiveAsync(ArrayBufferWriter<byte> message, CancellationToken cancellationToken)
    {
        message.ResetWrittenCount();
        while (true)
        {
            var part = await socket.ReceiveAsync(message.GetMemory(16 << 10), cancellationToken).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close) return false;
            message.Advance(part.Count);
            if (message.WrittenCount > maxMessageBytes) return false;
            if (part.EndOfMessage) return true;
        }
    }

    private void Dispatch(ReadOnlySpan<byte> utf8)
    {
        try
        {
            Dispatch(RpcResponse.Parse(utf8));
        }
        catch (Exception exception) when (JsonText.IsFault(exception))
        {
            // Any other text, such as a greeting, is no answer.
            if (!RpcErrorWords.IsLimit(System.Text.Encoding.UTF8.GetString(utf8))) return;
            FailAll(method => new RpcError(method, RpcErrorKind.RateLimited, 0, $"{endpoint} sent a text about a limit"));
        }
    }

    private void Dispatch(JsonElement message)
    {
        if (message.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in message.EnumerateArray()) Dispatch(one);
            return;
        }

        if (message.ValueKind != JsonValueKind.Object) return;
        if (message.TryGetProperty("id"u8, out var id) && NumberOf(id) is { } number)
        {
            Complete(number, waiting => RpcResponse.Read(waiting.Method, message));
        }
        else if (message.TryGetProperty("params"u8, out var notification) && notification.ValueKind == JsonValueKind.Object)
        {
            Publish(notification);
        }
        else if (message.TryGetProperty("error"u8, out var error) && error.ValueKind != JsonValueKind.Null)
        {
            FailAll(method => WithoutId(RpcResponse.Read(method, message).Error!));
        }
    }

    // Of the request it was for, such an error may say anything; of the others it says only that they have no answer.
    private static RpcError WithoutId(RpcError error) =>
        error.Kind == RpcErrorKind.RateLimited ? error : error with { Kind = RpcErrorKind.Other };

    private void FailAll(Func<string, RpcError> fail)
    {
        foreach (var id in _pending.Keys) Complete(id, waiting => fail(waiting.Method));
    }

    private void Publish(JsonElement notification)
    {
        if (!notification.TryGetProperty("subscription"u8, out var id)
            || NameOf(id) is not { } name
            || !_subscriptions.TryGetValue(name, out var listener))
        {
            return;
        }
        if (notification.TryGetProperty("result"u8, out var result)) listener.Notify(result);
        else if (notification.TryGetProperty("error"u8, out _) && _subscriptions.TryRemove(name, out _)) listener.Ended();
    }

    /// <summary>The name of a subscription: a string, or a number as some servers send; null for anything else.</summary>
    public static string? NameOf(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.String => JsonText.Of(id),
        JsonValueKind.Number => id.GetRawText(),
        _ => null,
    };

    // Some servers return a numeric id as a string.
    private static long? NumberOf(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.Number when id.TryGetInt64(out var number) => number,
        JsonValueKind.String when long.TryParse(JsonText.Of(id), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    private void Complete(long id, Func<Pending, RpcResult<JsonElement>> answer)
    {
        if (!_pending.TryRemove(id, out var waiting)) return;
        var result = answer(waiting);
        if (result.TryGet(out var value, out _)) waiting.OnResult?.Invoke(value);
        waiting.Answer.TrySetResult(result);
    }

    private sealed record Pending(string Method, Action<JsonElement>? OnResult)
    {
        public TaskCompletionSource<RpcResult<JsonElement>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
