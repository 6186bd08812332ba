using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// A node on a real port that does what a test tells it, good or bad. It speaks gRPC over h2c by hand, so that nothing
/// smooths its faults.
/// </summary>
public sealed class FaultyNode : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _waiting = new(0);
    private int _calls;
    private int _questions;

    private FaultyNode(uint id)
    {
        Id = id;
        Store = new NodeStore(id, NodeKey.Of(id));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        _host = builder.Build();
        _host.Run(AnswerAsync);
    }

    public uint Id { get; }

    public PrivateKeySigner Signer => NodeKey.Of(Id);

    public Uri Address => new(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>As the registry has it.</summary>
    public NetworkNode Registered { get; private set; } = null!;

    /// <summary>What it does with a call; sound until told otherwise.</summary>
    public NodeBehaviour Behaviour { get; set; } = Faults.None;

    /// <summary>How many calls reached it.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>How often it was asked what it has.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>What it took.</summary>
    public NodeStore Store { get; }

    /// <summary>The clock of its timeouts.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>The services that were asked for, in order.</summary>
    public List<string> Services { get; } = [];

    /// <summary>The User-Agent of the last call.</summary>
    public string Agent { get; private set; } = "";

    public static async Task<FaultyNode> StartAsync(uint id)
    {
        var node = new FaultyNode(id);
        await node._host.StartAsync();
        node.Registered = new NetworkNode(id, node.Address, node.Signer.PublicKey, node.Signer.Address);
        return node;
    }

    /// <summary>A call began to wait for something within its time.</summary>
    public void Waits() => _waiting.Release();

    /// <summary>Ends when so many more calls wait for something within their time.</summary>
    public async Task WaitsAsync(int calls = 1)
    {
        for (var i = 0; i < calls; i++)
        {
            Assert.True(
                await _waiting.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken),
                $"fewer than {calls} calls wait at node {Id}");
        }
    }

    /// <summary>Ends when one more call has reached it.</summary>
    public async Task ArrivesAsync() =>
        Assert.True(await _arrived.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken), $"no call reached node {Id}");

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _arrived.Dispose();
        _waiting.Dispose();
    }

    private async Task AnswerAsync(HttpContext call)
    {
        if (call.Request.Path.Value!.EndsWith("/QueryEnvelopes", StringComparison.Ordinal))
        {
            await TellAsync(call);
            return;
        }

        Interlocked.Increment(ref _calls);
        Agent = call.Request.Headers.UserAgent.ToString();
        lock (Services) Services.Add(call.Request.Path.Value!.Split('/')[1]);
        _arrived.Release();
        using var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body);
        var request = PublishPayerEnvelopesRequest.Parser.ParseFrom(body.GetBuffer().AsSpan(5, (int)body.Length - 5));
        try
        {
            var answers = await Behaviour(new NodeCall(this, request.PayerEnvelopes, call));
            await WriteAsync(call, new PublishPayerEnvelopesResponse { OriginatorEnvelopes = { answers } }.ToByteArray());
        }
        catch (RpcException exception)
        {
            call.Response.ContentType = "application/grpc";
            call.Response.Headers["grpc-status"] = ((int)exception.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
            call.Response.Headers["grpc-message"] = Uri.EscapeDataString(exception.Status.Detail);
        }
        catch (PageWasWrittenException)
        {
            // Nothing is left to write.
        }
        catch (OperationCanceledException)
        {
            call.Abort();
        }
    }

    private async Task TellAsync(HttpContext call)
    {
        Interlocked.Increment(ref _questions);
        using var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body);
        await WriteAsync(
            call, Store.Query(QueryEnvelopesRequest.Parser.ParseFrom(body.GetBuffer().AsSpan(5, (int)body.Length - 5))).ToByteArray());
    }

    private static async Task WriteAsync(HttpContext call, byte[] message)
    {
        var head = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), message.Length);
        call.Response.ContentType = "application/grpc";
        await call.Response.Body.WriteAsync(head);
        await call.Response.Body.WriteAsync(message);
        call.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["grpc-status"] = "0";
    }
}
