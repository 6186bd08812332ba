using System.Diagnostics;
using Xmtp.Gateway.Bench.Servers;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A real haproxy on a free port of loopback.</summary>
public static class HaproxyEdge
{
    /// <summary>Starts it with a configuration; when the task ends it takes connections.</summary>
    /// <param name="folder">The folder of its files; deleted with it.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="address">Where the configuration lets it listen.</param>
    public static async Task<EdgeProcess> StartAsync(DirectoryInfo folder, string configuration, Uri address)
    {
        var program = await MachineProgram.FindAsync("haproxy", "haproxy");
        var config = Path.Combine(folder.FullName, "haproxy.cfg");
        await File.WriteAllTextAsync(config, configuration, TestContext.Current.CancellationToken);
        return await EdgeProcess.StartAsync(folder, new ProcessStartInfo(program, ["-db", "-f", config]), address);
    }

    /// <summary>Starts one that terminates TLS in front of a server.</summary>
    /// <param name="server">Where connections go, in plaintext.</param>
    /// <param name="certificate">Its certificate.</param>
    /// <param name="isTcp">Whether it passes the decrypted bytes on as they are; otherwise it speaks HTTP on both sides.</param>
    public static async Task<EdgeProcess> StartAsync(Uri server, LoopbackCertificate certificate, bool isTcp)
    {
        var folder = Directory.CreateTempSubdirectory("haproxy-");
        var port = RedisServer.FreePort();
        var pem = Path.Combine(folder.FullName, "edge.pem");
        var cancel = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(
            pem,
            await File.ReadAllTextAsync(certificate.ChainFile, cancel) + "\n" + await File.ReadAllTextAsync(certificate.KeyFile, cancel),
            cancel);
        return await StartAsync(folder, Configuration(server, port, pem, isTcp), new Uri($"https://localhost:{port}"));
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
