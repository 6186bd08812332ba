using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A real haproxy that terminates TLS in front of a server, on a free port of loopback.</summary>
public sealed class HaproxyEdge : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly TestProcess _process;

    private HaproxyEdge(DirectoryInfo folder, TestProcess process, Uri address)
    {
        _folder = folder;
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Starts it; when the task ends it takes connections.</summary>
    /// <param name="server">Where connections go, in plaintext.</param>
    /// <param name="certificate">Its certificate.</param>
    /// <param name="isTcp">Whether it passes the decrypted bytes on as they are; otherwise it speaks HTTP on both sides.</param>
    public static async Task<HaproxyEdge> StartAsync(Uri server, TestCertificate certificate, bool isTcp)
    {
        var program = await MachineProgram.FindAsync("haproxy", "haproxy");
        var folder = Directory.CreateTempSubdirectory("haproxy-");
        var port = RedisServer.FreePort();
        var pem = Path.Combine(folder.FullName, "edge.pem");
        var cancel = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(
            pem,
            await File.ReadAllTextAsync(certificate.ChainFile, cancel) + "\n" + await File.ReadAllTextAsync(certificate.KeyFile, cancel),
            cancel);
        var config = Path.Combine(folder.FullName, "haproxy.cfg");
        await File.WriteAllTextAsync(config, Configuration(server, port, pem, isTcp), cancel);
        var process = TestProcess.Start(new ProcessStartInfo(program, ["-db", "-f", config]));
        var edge = new HaproxyEdge(folder, process, new Uri($"https://localhost:{port}"));
        await Eventually.IsAsync(() => edge.TakesConnectionsAsync(), "haproxy takes connections");
        return edge;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string Configuration(Uri server, int port, string pem, bool isTcp) => $$"""
        global
            maxconn 256
        defaults
            mode {{(isTcp ? "tcp" : "http")}}
            timeout connect 5s
            timeout client 60s
            timeout server 60s
        frontend edge
            bind 127.0.0.1:{{port}} ssl crt {{pem}} alpn h2,http/1.1
            default_backend server
        backend server
            server one {{server.Host}}:{{server.Port}}{{(isTcp ? "" : " proto h2")}}

        """;

    private async Task<bool> TakesConnectionsAsync()
    {
        Assert.False(_process.HasExited, _process.Errors);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Address.Port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
