using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>A node on a real port that sends one cursor on each stream and ends it, at once or when it is told to. gRPC by hand.</summary>
internal sealed class BriefNode : IAsyncDisposable
{
    private readonly WebApplication _host;
    private TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _streams;
    private int _open;

    private BriefNode()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _host = builder.Build();
        _host.Run(StreamAsync);
        Release();
    }

    public Uri Address => new(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>How many streams were begun.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>How many are open.</summary>
    public int Open => Volatile.Read(ref _open);

    public static async Task<BriefNode> StartAsync()
    {
        var node = new BriefNode();
        await node._host.StartAsync();
        return node;
    }

    /// <summary>Later streams stay open.</summary>
    public void Hold() => Volatile.Write(ref _end, new(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Ends the open streams, and later ones at once.</summary>
    public void Release() => Volatile.Read(ref _end).TrySetResult();

    public ValueTask DisposeAsync()
    {
        Release();
        return _host.DisposeAsync();
    }

    private async Task StreamAsync(HttpContext call)
    {
        Interlocked.Increment(ref _open);
        Interlocked.Increment(ref _streams);
        try
        {
            var cursor = new GetSyncCursorResponse { LatestSync = new Cursor { NodeIdToSequenceId = { [100] = 1 } } }.ToByteArray();
            var frame = new byte[5 + cursor.Length];
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)cursor.Length);
            cursor.CopyTo(frame, 5);
            call.Response.ContentType = "application/grpc";
            await call.Response.Body.WriteAsync(frame, call.RequestAborted);
            await call.Response.Body.FlushAsync(call.RequestAborted);
            await Volatile.Read(ref _end).Task.WaitAsync(call.RequestAborted);
            call.Response.AppendTrailer("grpc-status", "0");
        }
        catch (OperationCanceledException) when (call.RequestAborted.IsCancellationRequested)
        {
            // The caller left.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
