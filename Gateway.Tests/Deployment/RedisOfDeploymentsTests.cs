using System.Diagnostics;
using StackExchange.Redis;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;
using YamlDotNet.Serialization;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>The Redis of the deployments as their files start it: their own script and configuration, on this machine.</summary>
public class RedisOfDeploymentsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData("compose"), InlineData("kubernetes"), InlineData("azd")]
    public async Task It_requires_its_password_persists_every_write_evicts_nothing_and_gets_the_stop_signal(string deployment)
    {
        var folder = Directory.CreateTempSubdirectory("xmtp-gateway-redis-");
        try
        {
            var (script, configuration) = await OfAsync(deployment);
            var port = FreePort.Next();
            configuration = Regex(configuration, "^dir /data$", $"dir {folder.FullName}");
            configuration = Regex(configuration, @"^bind .*$", $"bind 127.0.0.1\nport {port}");
            var file = Path.Combine(folder.FullName, "redis.conf");
            await File.WriteAllTextAsync(file, configuration, Cancel);
            script = script.Replace("/etc/redis/redis.conf", file, StringComparison.Ordinal)
                .Replace("/etc/redis.conf", file, StringComparison.Ordinal);
            script = Regex(script, "^dir /data$", $"dir {folder.FullName}");
            script = Regex(script, @"^bind .*$", $"bind 127.0.0.1\nport {port}");

            using (var first = await StartAsync(script))
            {
                var open = ConfigurationOptions.Parse($"127.0.0.1:{port},abortConnect=true,connectRetry=0");
                await Assert.ThrowsAnyAsync<RedisException>(
                    async () => await (await ConnectionMultiplexer.ConnectAsync(open)).GetDatabase().PingAsync());
                await using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},password=correct,allowAdmin=true");
                var server = redis.GetServer("127.0.0.1", port);
                Assert.Equal(
                    ["noeviction", "yes", "everysec"],
                    await Task.WhenAll(
                        new[] { "maxmemory-policy", "appendonly", "appendfsync" }.Select(
                            async name => (await server.ConfigGetAsync(name))[0].Value)));
                Assert.NotEqual("0", (await server.ConfigGetAsync("maxmemory"))[0].Value);
                await redis.GetDatabase().StringSetAsync("nonce", 7);
                await StopAsync(first);
            }

            using var second = await StartAsync(script);
            await using var again = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},password=correct");
            Assert.Equal(7, await again.GetDatabase().StringGetAsync("nonce"));
            await StopAsync(second);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(string Script, string Configuration)> OfAsync(string deployment)
    {
        if (deployment == "compose")
        {
            var redis = (await ComposeFile.ReadAsync()).Services["redis"];
            Assert.Equal(["sh", "-c"], ComposeFile.List(redis["entrypoint"]));
            return (Assert.Single(ComposeFile.List(redis["command"]))
                .Replace("$$", "$", StringComparison.Ordinal), DeploymentFiles.Read($"{ComposeFile.Folder}/redis.conf"));
        }

        if (deployment == "kubernetes")
        {
            var objects = KubernetesFiles.Base();
            var container = Assert.Single(objects.Of<k8s.Models.V1StatefulSet>().Single().Spec.Template.Spec.Containers);
            Assert.Equal(["sh", "-c"], container.Command);
            return (Assert.Single(container.Args), objects.Of<k8s.Models.V1ConfigMap>().Single(
                map => map.Metadata.Name == "xmtp-redis").Data["redis.conf"]);
        }

        // A line of braces alone writes nothing; the others stand for a value.
        var template = Regex(Regex(DeploymentFiles.Read("Gateway.AppHost/infra/redis.tmpl.yaml"), @"^\{\{.*\n", ""), @"\{\{.*?\}\}", "x");
        var app = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(template);
        var pod = ComposeFile.Map(ComposeFile.Map(app["properties"])["template"]);
        var only = ComposeFile.Map(Assert.Single(Assert.IsType<List<object>>(pod["containers"])));
        Assert.Equal(["/bin/sh", "-c"], ComposeFile.List(only["command"]));
        return (Assert.Single(ComposeFile.List(only["args"])), "");
    }

    private static async Task<Process> StartAsync(string script)
    {
        await MachineProgram.FindAsync("redis-server", "redis-server");
        var process = GuardedProcess.Start("/bin/sh", ["-c", $"REDIS_PASSWORD=correct\n{script}"]);
        string? line;
        do line = await process.StandardOutput.ReadLineAsync(Cancel);
        while (line is not null && !line.Contains("Ready to accept connections", StringComparison.Ordinal));
        Assert.True(line is not null, "redis-server did not start");
        return process;
    }

    // SIGTERM goes to the shell, which must have become Redis; the guard ends as it does.
    private static async Task StopAsync(Process process)
    {
        process.StandardInput.Close();
        var said = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Contains("Redis is now ready to exit", said, StringComparison.Ordinal);
        Assert.Equal(0, process.ExitCode);
    }

    private static string Regex(string text, string pattern, string with) =>
        System.Text.RegularExpressions.Regex.Replace(text, pattern, with, System.Text.RegularExpressions.RegexOptions.Multiline);
}
