using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Xmtp.Gateway.Tests.Endpoints;

public class PortTests
{
    private static readonly byte[] Preface = Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    private static readonly byte[] EmptySettings = [0, 0, 0, 4, 0, 0, 0, 0, 0];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_http_versions_are_served_at_once()
    {
        await using var gateway = await TestGateway.StartAsync();
        var calls = Enumerable.Range(0, 40).Select(async i =>
        {
            using var client = new ProtocolClient(gateway.Url, (Form)(i % 6));
            return (await client.GetNodesAsync()).Code;
        });

        Assert.All(await Task.WhenAll(calls), code => Assert.Equal(StatusCode.OK, code));
    }

    [Fact]
    public async Task A_preface_may_come_byte_by_byte()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var socket = await ConnectAsync(gateway);

        foreach (var b in (byte[])[.. Preface, .. EmptySettings]) await socket.SendAsync(new[] { b }, Cancel);

        // The server's own SETTINGS frame.
        var head = new byte[9];
        await ReadExactlyAsync(socket, head);
        Assert.Equal(4, head[3]);
    }

    [Theory]
    [InlineData(
        "POST /xmtp.xmtpv4.payer_api.PayerApi/GetNodes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: " +
            "2\r\nConnection: close\r\n\r\n{}")]
    [InlineData("PRI /xmtp.xmtpv4.payer_api.PayerApi/GetNodes HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    public async Task An_http1_request_may_come_byte_by_byte(string request)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var socket = await ConnectAsync(gateway);

        foreach (var b in Encoding.ASCII.GetBytes(request)) await socket.SendAsync(new[] { b }, Cancel);

        Assert.StartsWith("HTTP/1.1 ", await ReadToEndAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silent_peers_delay_no_others_and_are_closed_after_ten_seconds()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await TestGateway.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        using var silent = await ConnectAsync(gateway);
        using var half = await ConnectAsync(gateway);
        await half.SendAsync(Preface.AsMemory(0, 7), Cancel);

        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        Assert.Equal(StatusCode.OK, (await client.GetNodesAsync()).Code);

        // Connections are accepted in order: both were when the call was answered.
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("", await ReadToEndAsync(silent));
        Assert.Equal("", await ReadToEndAsync(half));
        Assert.Equal(StatusCode.OK, (await client.GetNodesAsync()).Code);
    }

    [Fact]
    public async Task A_stop_closes_silent_peers_and_waits_for_a_running_call()
    {
        var (started, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var gateway = await TestGateway.StartAsync();
        gateway.Network.Before = (_, _) =>
        {
            started.SetResult();
            return finish.Task;
        };
        using var silent = await ConnectAsync(gateway);
        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        var call = client.PublishAsync(TestSupport.Envelopes.Request(TestSupport.Envelopes.Welcome()));
        await started.Task.WaitAsync(Cancel);

        var stop = gateway.StopAsync();
        Assert.Equal("", await ReadToEndAsync(silent));
        await Assert.ThrowsAnyAsync<SocketException>(() => ConnectAsync(gateway));
        finish.SetResult();

        Assert.Equal(StatusCode.OK, (await call).Code);
        await stop;
    }

    [Fact]
    public async Task Garbage_ends_its_own_connection_and_no_other()
    {
        await using var gateway = await TestGateway.StartAsync();
        var random = new Random(20260801);
        for (var i = 0; i < 200; i++)
        {
            var garbage = new byte[random.Next(1, 400)];
            random.NextBytes(garbage);
            if (i % 3 == 0) Preface.AsSpan(0, Math.Min(garbage.Length, random.Next(1, 24))).CopyTo(garbage);
            if (i % 3 == 1) garbage = [.. Preface, .. garbage];
            using var socket = await ConnectAsync(gateway);
            await socket.SendAsync(garbage, Cancel);
        }

        foreach (var form in Enum.GetValues<Form>())
        {
            using var client = new ProtocolClient(gateway.Url, form);
            Assert.Equal(StatusCode.OK, (await client.GetNodesAsync()).Code);
        }
    }

    [Fact]
    public async Task The_ports_that_the_system_chose_are_printed()
    {
        await using var gateway = await TestGateway.StartAsync();

        Assert.NotEqual(0, gateway.Addresses.Main!.Port);
        Assert.NotEqual(gateway.Addresses.Main.Port, gateway.Addresses.Http!.Port);
        var told = gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Assert.Contains($"http://{gateway.Addresses.Main}", told);
        Assert.Contains($"http://{gateway.Addresses.Http}", told);
    }

    [Fact]
    public async Task The_second_port_can_be_turned_off()
    {
        await using var gateway = await TestGateway.StartAsync(api => api.HttpPort = -1);
        Assert.Null(gateway.Addresses.Http);
        using var client = new ProtocolClient(gateway.Url, Form.ConnectJson);
        Assert.Equal(StatusCode.OK, (await client.GetNodesAsync()).Code);
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("*", "127.0.0.1")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::", "[::1]")]
    [InlineData("::1", "[::1]")]
    [InlineData("localhost", "127.0.0.1")]
    public async Task Any_address_can_be_bound(string address, string host)
    {
        await using var gateway = await TestGateway.StartAsync(api => api.BindAddress = address);
        using var client = new ProtocolClient(new Uri($"http://{host}:{gateway.Addresses.Main!.Port}"), Form.Grpc);
        Assert.Equal(StatusCode.OK, (await client.GetNodesAsync()).Code);
    }

    [Fact]
    public async Task A_port_that_is_taken_fails_the_start()
    {
        await using var first = await TestGateway.StartAsync();
        await Assert.ThrowsAsync<IOException>(() => TestGateway.StartAsync(api => api.Port = first.Addresses.Main!.Port));
    }

    private static async Task<Socket> ConnectAsync(TestGateway gateway)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(gateway.Addresses.Main!, Cancel);
        return socket;
    }

    private static async Task ReadExactlyAsync(Socket socket, byte[] into)
    {
        using var stream = new NetworkStream(socket);
        await stream.ReadExactlyAsync(into, Cancel);
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        try
        {
            return await reader.ReadToEndAsync(Cancel);
        }
        catch (IOException)
        {
            // Reset: an end as well.
            return "";
        }
    }
}
