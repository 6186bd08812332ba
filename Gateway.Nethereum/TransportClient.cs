using System.Text.Json;
using Nethereum.JsonRpc.Client;
using Nethereum.JsonRpc.Client.RpcMessages;
using Newtonsoft.Json;
using Xmtp.Gateway.Chain.JsonRpc;
using MessageError = Nethereum.JsonRpc.Client.RpcMessages.RpcError;

namespace Xmtp.Gateway.Nethereum;

/// <summary>An <see cref="IRpcTransport"/> as a Nethereum client: <c>new Web3(new TransportClient(transport))</c>.</summary>
/// <remarks>
/// The transport's rules apply: responses are limited in size, redirects are not followed, nothing is retried, and
/// messages contain only scheme, host and port of the URL. Nethereum's methods take no token, so a client has one:
/// <see cref="WithCancellation"/> creates a client of the same transport for one caller. The transport is not disposed
/// here.
/// <list type="bullet">
/// <item><see cref="TransportResponseException"/>: the endpoint responded with an error. Nethereum's contract handlers turn a
/// revert into their own exceptions, as with any client.</item>
/// <item><see cref="RpcClientUnknownException"/>: no response, or an unreadable one; an <see cref="RpcException"/> is
/// inside.</item>
/// <item><see cref="RpcClientTimeoutException"/>: no response within <see cref="RequestTimeout"/>.</item>
/// <item><see cref="OperationCanceledException"/>: the token was cancelled.</item>
/// </list>
/// </remarks>
/// <param name="transport">Sends the requests.</param>
/// <param name="cancellationToken">Cancels every request of this client.</param>
public sealed class TransportClient(IRpcTransport transport, CancellationToken cancellationToken = default) : ClientBase
{
    private const int MaxBatchConcurrency = 16;
    private static readonly JsonSerializerSettings Settings = DefaultJsonSerializerSettingsFactory.BuildDefaultJsonSerializerSettings();

    /// <summary>
    /// How long a request may take; <see cref="Timeout.InfiniteTimeSpan"/> for no limit but the token. Default 20 s.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A client of the same transport whose requests are cancelled by the token.</summary>
    public TransportClient WithCancellation(CancellationToken token) =>
        new(transport, token) { RequestTimeout = RequestTimeout, OverridingRequestInterceptor = OverridingRequestInterceptor };

    /// <inheritdoc/>
    /// <param name="rpcRequestMessage">The request; its parameters are a list.</param>
    /// <param name="route">A path of its own for the request; not supported.</param>
    public override async Task<RpcResponseMessage> SendAsync(RpcRequestMessage rpcRequestMessage, string? route = null)
    {
        ArgumentNullException.ThrowIfNull(rpcRequestMessage);
        var answer = await AskAsync(rpcRequestMessage, route).ConfigureAwait(false);
        if (answer.TryGet(out var result, out var error)) return Response(rpcRequestMessage, result);
        var refusal = TransportResponseException.ErrorOf(error);
        return new RpcResponseMessage(
            rpcRequestMessage.Id, new MessageError { Code = refusal.Code, Message = refusal.Message, Data = refusal.Data });
    }

    /// <inheritdoc/>
    public override Task SendRequestAsync(RpcRequest request, string? route = null) => SendInnerRequestAsync<object>(request, route);

    /// <inheritdoc/>
    public override Task SendRequestAsync(string method, string? route = null, params object[] paramList) =>
        SendInnerRequestAsync<object>(method, route, paramList);

    /// <inheritdoc/>
    protected override async Task<T> SendInnerRequestAsync<T>(RpcRequestMessage reqMsg, string? route = null)
    {
        ArgumentNullException.ThrowIfNull(reqMsg);
        var answer = await AskAsync(reqMsg, route).ConfigureAwait(false);
        if (!answer.TryGet(out var result, out var error)) throw new TransportResponseException(error);
        try
        {
            return DecodeResult<T>(Response(reqMsg, result));
        }
        catch (FormatException exception)
        {
            throw new RpcResponseFormatException($"{reqMsg.Method}: the answer is not what the method answers", exception);
        }
    }

    /// <summary>Sends the requests individually, several at a time: the transport has no batches.</summary>
    protected override async Task<RpcResponseMessage[]> SendAsync(RpcRequestMessage[] requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var answers = new RpcResponseMessage[requests.Length];
        var several = new ParallelOptions { MaxDegreeOfParallelism = MaxBatchConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0,
            requests.Length,
            several,
            async (index, _) => answers[index] = await SendAsync(requests[index]).ConfigureAwait(false)).ConfigureAwait(false);
        return answers;
    }

    private async Task<RpcResult<JsonElement>> AskAsync(RpcRequestMessage message, string? route)
    {
        if (!string.IsNullOrEmpty(route)) throw new NotSupportedException("a request has no route of its own: the transport has one URL");
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(RequestTimeout);
        try
        {
            var answer = await transport.SendAsync(message.Method, Parameters(message.RawParameters), timeout.Token).ConfigureAwait(false);
            return answer.Error is { Kind: RpcErrorKind.Transport or RpcErrorKind.Malformed } fault
                ? throw new RpcClientUnknownException($"{transport.Endpoint}: {fault}", new RpcException(fault))
                : answer;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcClientTimeoutException(
                $"{message.Method}: {transport.Endpoint} did not answer within {RequestTimeout.TotalSeconds:0.#} s", exception);
        }
    }

    private static RpcResponseMessage Response(RpcRequestMessage message, JsonElement result) =>
        new(message.Id, result.ValueKind == JsonValueKind.Null ? null : (object)result);

    private static IReadOnlyList<object?> Parameters(object? parameters) => parameters switch
    {
        null => [],
        object?[] list => [.. list.Select(value => new NewtonsoftParameter(value))],
        _ => throw new NotSupportedException("named parameters are not supported: a list is"),
    };

    // Nethereum's own types are serialized according to their Newtonsoft attributes.
    private sealed class NewtonsoftParameter(object? value) : IRpcParameter
    {
        public void WriteTo(Utf8JsonWriter writer) => writer.WriteRawValue(JsonConvert.SerializeObject(value, Settings));
    }
}
