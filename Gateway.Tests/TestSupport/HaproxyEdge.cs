using System.Diagnostics;
using Xmtp.Gateway.Bench.Servers;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A real haproxy that terminates TLS in front of a server, on a free port of loopback.</summary>
public static class HaproxyEdge
{
    /// <summary>Starts it; when the task ends it takes connections.</summary>
    /// <param name="server">Where connections go, in plaintext.</param>
    /// <param name="certificate">Its certificate.</param>
    /// <param name="isTcp">Whether it passes the decrypted bytes on as they are; otherwise it speaks HTTP on both sides.</param>
    public static async Task<EdgeProcess> StartAsync(Uri server, LoopbackCertificate certificate, bool isTcp)
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
        return await EdgeProcess.StartAsync(
            folder, new ProcessStartInfo(program, ["-db", "-f", config]), new Uri($"https://localhost:{port}"));
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
}
