using System.Diagnostics;
using Xmtp.Gateway.Bench.Servers;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// A real nginx in front of a node, as operators of nodes run it: gRPC on a free port of loopback, recycled after 100
/// calls a connection.
/// </summary>
public static class NginxEdge
{
    /// <summary>Starts it; when the task ends it takes connections.</summary>
    /// <param name="node">Where calls go.</param>
    /// <param name="certificate">For TLS; null for plaintext.</param>
    public static async Task<EdgeProcess> StartAsync(Uri node, LoopbackCertificate? certificate = null)
    {
        var program = await MachineProgram.FindAsync("nginx", "nginx");
        var folder = Directory.CreateTempSubdirectory("nginx-");
        var port = RedisServer.FreePort();
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "nginx.conf"), Configuration(node, port, certificate), TestContext.Current.CancellationToken);
        return await EdgeProcess.StartAsync(
            folder,
            new ProcessStartInfo(program, ["-p", folder.FullName, "-c", "nginx.conf", "-e", "stderr"]),
            new Uri($"{(certificate is null ? "http" : "https")}://localhost:{port}"));
    }

    private static string Configuration(Uri node, int port, LoopbackCertificate? certificate) => $$"""
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        daemon off;
        worker_processes 1;
        pid nginx.pid;
        events { worker_connections 1024; }
        http {
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            keepalive_requests 100;
            upstream node { server 127.0.0.1:{{node.Port}}; keepalive 128; }
            server {
                listen 127.0.0.1:{{port}} {{(certificate is null ? "" : "ssl ")}}http2;
                {{(certificate is null ? "" : $"ssl_certificate {certificate.ChainFile}; ssl_certificate_key {certificate.KeyFile};")}}
                location / { grpc_pass grpc://node; }
            }
        }
        """;
}
