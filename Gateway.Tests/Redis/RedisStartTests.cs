using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Redis;

/// <summary>What a start makes of a Redis that comes late, or can never be used.</summary>
public sealed class RedisStartTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    [Fact]
    public async Task A_Redis_that_starts_later_is_waited_for()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new TcpFaultProxy(server.Port) { Mode = ProxyMode.Cut };
        await using var gateway = GatewayUnderTest.Build(Args($"redis://127.0.0.1:{proxy.Port}", "4m"));
        var starting = gateway.FaultsAsync();
        // Two connections are the first attempt; one more is another attempt.
        await Eventually.IsAsync(() => proxy.Accepted > 4, "it was tried more than once");
        Assert.False(starting.IsCompleted);
        proxy.Mode = ProxyMode.Pass;
        Assert.Empty(await starting);
    }

    [Fact]
    public async Task A_database_that_the_server_does_not_have_is_one_line_and_exit_code_2()
    {
        await using var server = await RedisServer.StartAsync();
        var (exitCode, output, errors) = await GatewayProcess.RunAsync(Args($"redis://127.0.0.1:{server.Port}/99", "4m"));
        Assert.Equal(2, exitCode);
        Assert.DoesNotContain("Redis", output, StringComparison.Ordinal);
        var lines = errors.TrimEnd().Split(Environment.NewLine);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith(
            "  - --redis.redis-url (XMTPD_REDIS_URL): the store has no database of that number", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_reported_as_such_and_not_waited_for()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "right");
        foreach (var url in new[] { $"redis://:wrong@127.0.0.1:{server.Port}", $"redis://127.0.0.1:{server.Port}" })
        {
            await using var gateway = GatewayUnderTest.Build(Args(url, "1h"));
            Assert.Contains(
                "refuses the user or the password, or none was given",
                Assert.Single(await gateway.FaultsAsync()),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_self_signed_certificate_is_reported_and_accepted_when_the_URL_allows_it()
    {
        var folder = Directory.CreateTempSubdirectory("redis-tls-");
        try
        {
            var (certificate, key) = WriteCertificate(folder.FullName);
            var port = RedisServer.FreePort();
            await using var server = await RedisServer.StartAsync(
                "--tls-port",
                $"{port}",
                "--tls-cert-file",
                certificate,
                "--tls-key-file",
                key,
                "--tls-ca-cert-file",
                certificate,
                "--tls-auth-clients",
                "no");
            await using (var gateway = GatewayUnderTest.Build(Args($"rediss://:hunter2@127.0.0.1:{port}", "1h")))
            {
                var fault = Assert.Single(await gateway.FaultsAsync());
                Assert.StartsWith(
                    "--redis.redis-url (XMTPD_REDIS_URL): the store cannot be reached over TLS, and nothing was sent: The remote " +
                    "certificate",
                    fault,
                    StringComparison.Ordinal);
                Assert.DoesNotContain("hunter2", fault, StringComparison.Ordinal);
            }

            await using var trusting = GatewayUnderTest.Build(Args($"rediss://127.0.0.1:{port}?skip_verify=true", "4m"));
            Assert.Empty(await trusting.FaultsAsync());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_Unix_socket_is_a_Redis_address()
    {
        var folder = Directory.CreateTempSubdirectory("redis-");
        try
        {
            var socket = Path.Combine(folder.FullName, "s");
            await using var server = await RedisServer.StartAsync("--unixsocket", socket);
            await using var gateway = GatewayUnderTest.Build(Args($"unix://{socket}?db=3", "4m"));
            Assert.Empty(await gateway.FaultsAsync());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (string Certificate, string Key) WriteCertificate(string folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=elsewhere.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
        var (certificateFile, keyFile) = (Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }

    private string[] Args(string url, string connectTimeout) =>
    [
        .. GatewayUnderTest.Enough,
        $"--contracts.app-chain.rpc-url={chain.Anvil.HttpUrl}",
        $"--contracts.settlement-chain.rpc-url={chain.Anvil.HttpUrl}",
        "--contracts.start-timeout=1m", "--redis.redis-url", url, $"--redis.connect-timeout={connectTimeout}",
    ];
}
