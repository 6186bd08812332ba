using System.Diagnostics;
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
        var program = await MachineProgram.FindAsync("haproxy", "haproxy");
        var folder = Directory.CreateTempSubdirectory("haproxy-");
        var (port, socket) = (RedisServer.FreePort(), Path.Combine(folder.FullName, "admin.sock"));
        var config = Path.Combine(folder.FullName, "haproxy.cfg");
        await File.WriteAllTextAsync(config, Configuration(port, socket, original, other), TestContext.Current.CancellationToken);
        var edge = await EdgeProcess.StartAsync(
            folder, new ProcessStartInfo(program, ["-db", "-f", config]), new Uri($"http://127.0.0.1:{port}"));
        return new HaproxySwitch(edge, socket);
    }

    /// <summary>Gives a command, such as <c>set server gateways/new weight 10</c>, and returns the answer.</summary>
    public async Task<string> AskAsync(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), TestContext.Current.CancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>How many requests are at a gateway now.</summary>
    public async Task<int> RunningAsync(string server)
    {
        var rows = (await AskAsync("show stat")).TrimStart('#', ' ').Split('\n').Select(row => row.Split(',')).ToList();
        var column = Array.IndexOf(rows[0], "scur");
        return int.Parse(rows.Single(row => row.Length > column && row[1] == server)[column], CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    private static string Configuration(int port, string socket, Uri original, Uri other) => $$"""
        global
            maxconn 256
            stats socket {{socket}} level admin
        defaults
            mode http
            timeout connect 5s
            timeout client 60s
            timeout server 60s
        frontend edge
            bind 127.0.0.1:{{port}} proto h2
            default_backend gateways
        backend gateways
            server original {{original.Host}}:{{original.Port}} proto h2 weight 100
            server new {{other.Host}}:{{other.Port}} proto h2 weight 0

        """;
}
