using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.Servers;

namespace Xmtp.Gateway.Bench.Load;

/// <summary>The server under load: a few connections to it, and the record of its answers.</summary>
internal sealed class LoadTarget : IDisposable
{
    private const int MaxConnections = 4;
    private readonly GrpcChannel[] _channels;
    private readonly CallInvoker[] _invokers;
    private readonly CallInvoker? _refused;
    private readonly Method<byte[], byte[]> _method;
    private readonly CallOptions _options;

    public LoadTarget(LoadWindow window)
    {
        var connections = window.CallsPerSecond > 0 ? MaxConnections : Math.Min(MaxConnections, window.Callers);
        _channels = [.. Enumerable.Range(0, connections).Select(_ => Connect(window.Url))];
        _invokers = [.. _channels.Select(channel => channel.CreateCallInvoker())];
        if (window.RefusedCallers > 0)
        {
            _channels = [.. _channels, Connect(window.Url, ConnectFromOtherAddressAsync)];
            _refused = _channels[^1].CreateCallInvoker();
        }
        if (window.Token is { } token) _options = new CallOptions(new Metadata { { "authorization", "Bearer " + token } });
        _method = window.IsGateway ? PublishMethods.ToGateway : PublishMethods.ToNode;
    }

    public LoadRecord Record { get; } = new();

    /// <summary>Makes one call and records how it went. Never throws.</summary>
    public async Task CallAsync(int caller, byte[] request)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var call = _invokers[caller % _invokers.Length].AsyncUnaryCall(_method, null, _options, request);
            await call.ResponseAsync;
            Record.Answered(Stopwatch.GetTimestamp() - start);
        }
        catch (RpcException refused)
        {
            Record.Failed(refused.Status.ToString());
        }
    }

    /// <summary>Makes one call that the node refuses. Never throws.</summary>
    public async Task BeRefusedAsync(byte[] request)
    {
        try
        {
            using var call = _refused!.AsyncUnaryCall(_method, null, _options, request);
            await call.ResponseAsync;
            Record.Failed("what the node refuses was published");
        }
        catch (RpcException refused)
        {
            if (refused.StatusCode != StatusCode.InvalidArgument) Record.Failed(refused.Status.ToString());
        }
    }

    public void Dispose() => Array.ForEach(_channels, channel => channel.Dispose());

    // The gateway identifies callers by their address.
    private static async ValueTask<Stream> ConnectFromOtherAddressAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static GrpcChannel Connect(
        string url, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null) =>
        GrpcChannel.ForAddress(url, Options(connect));

    private static GrpcChannelOptions Options(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect) => new()
    {
        MaxReceiveMessageSize = LoopbackServer.MaxMessageSize,
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectCallback = connect,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
        },
    };
}
