using Grpc.Core;
using Grpc.Net.Client;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>A stream of one node's cursors, on a connection of its own.</summary>
/// <remarks>
/// <c>MetadataApi/SubscribeSyncCursor</c> sends the cursor at once, at each change, and at least every 30 s. HTTP/2 over TLS
/// for https, in plaintext (h2c) for http.
/// </remarks>
internal sealed class SyncCursorStream : IDisposable
{
    private const int MaxMessageSize = 1 << 20;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    // The request, GetSyncCursorRequest, has no fields.
    private static readonly Method<byte[], SyncCursor> Subscribe = new(
        MethodType.ServerStreaming,
        "xmtp.xmtpv4.metadata_api.MetadataApi",
        "SubscribeSyncCursor",
        Marshallers.Create(bytes => bytes, bytes => bytes),
        Marshallers.Create((_, _) => throw new NotSupportedException(), context => SyncCursor.Read(context.PayloadAsReadOnlySequence())));

    private readonly GrpcChannel _channel;
    private readonly AsyncServerStreamingCall<SyncCursor> _call;

    /// <summary>Begins the call; it connects at the first read.</summary>
    /// <param name="address">The node.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public SyncCursorStream(Uri address, CancellationToken cancellationToken)
    {
        _channel = GrpcChannel.ForAddress(
            address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped),
            new GrpcChannelOptions
            {
                HttpHandler = Handler(address),
                DisposeHttpClient = true,
                MaxReceiveMessageSize = MaxMessageSize,
            });
        _call = _channel.CreateCallInvoker()
            .AsyncServerStreamingCall(Subscribe, null, new CallOptions(cancellationToken: cancellationToken), []);
    }

    /// <summary>The next message; null when the node ended the stream.</summary>
    /// <exception cref="RpcException">The node could not be reached, refused, the stream broke, or the token was cancelled.</exception>
    /// <remarks>
    /// ThrowOperationCanceledOnCancellation is not set: with it, a node that cannot be reached is a cancellation too.
    /// </remarks>
    public async Task<SyncCursor?> NextAsync(CancellationToken cancellationToken) =>
        await _call.ResponseStream.MoveNext(cancellationToken) ? _call.ResponseStream.Current : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }

    private static SocketsHttpHandler Handler(Uri address) => new()
    {
        ConnectTimeout = ConnectTimeout,
        KeepAlivePingDelay = PingAfter,
        KeepAlivePingTimeout = PingTimeout,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = address.Scheme == Uri.UriSchemeHttps, // plaintext HTTP/2 does not pass through a proxy
        ActivityHeadersPropagator = null, // the node of another operator must not continue our trace
    };
}
