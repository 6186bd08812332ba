using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// A real haproxy in front of two gateways, <c>original</c> and <c>new</c>, on a free port of loopback, whose traffic is moved by
/// commands to its admin socket. All of it goes to <c>original</c> at first.
/// </summary>
public sealed class HaproxySwitch : IAsyncDisposable
{
    private readonly EdgeProcess _edge;
    private readonly string _socket;

    private HaproxySwitch(EdgeProcess edge, string socket)
    {
        _edge = edge;
        _socket = socket;
    }

    public Uri Address => _edge.Address;

    public static async Task<HaproxySwitch> StartAsync(Uri original, Uri other)
    {
        var folder = Directory.CreateTempSubdirectory("haproxy-");
        var (port, socket) = (RedisServer.FreePort(), Path.Combine(folder.FullName, "admin.sock"));
        var edge = await HaproxyEdge.StartAsync(
            folder, Configuration(port, socket, original, other), new Uri($"http://127.0.0.1:{port}"));
        return new HaproxySwitch(edge, socket);
    }

    /// <summary>Gives both gateways their parts of the traffic, from 0 to 256 each.</summary>
    public async Task MoveAsync(int original, int other)
    {
        Assert.Equal("", (await AskAsync($"set server gateways/original weight {original}")).Trim());
        Assert.Equal("", (await AskAsync($"set server gateways/new weight {other}")).Trim());
    }

    /// <summary>How many calls are at a gateway now.</summary>
    public async Task<int> RunningAsync(string server)
    {
        var rows = (await AskAsync("show stat")).TrimStart('#', ' ').Split('\n').Select(row => row.Split(',')).ToList();
        var column = Array.IndexOf(rows[0], "scur");
        return int.Parse(rows.Single(row => row.Length > column && row[1] == server)[column], CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    private async Task<string> AskAsync(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), TestContext.Current.CancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static string Configuration(int port, string socket, Uri original, Uri other) => $$"""
        global
            maxconn 256
            stats socket {{socket}} level admin
        defaults
            mode http
            timeout connect 5s
            timeout client 120s
            timeout server 120s
        frontend edge
            bind 127.0.0.1:{{port}} proto h2
            default_backend gateways
        backend gateways
            server original {{original.Host}}:{{original.Port}} proto h2 weight 100
            server new {{other.Host}}:{{other.Port}} proto h2 weight 0

        """;
}
