using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Redis;

/// <summary>Health says what a write of a publish would meet.</summary>
public sealed class RedisHealthTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replica_is_reported_as_refusing_writes()
    {
        await using var master = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{master.Port}");
        await using var rig = new Rig($"127.0.0.1:{replica.Port}");
        Assert.Equal((HealthStatus.Degraded, "the shared store is a replica and refuses writes (READONLY)"), await rig.HealthAsync());
    }

    [Fact]
    public async Task A_store_that_cannot_write_without_replicas_or_rights_is_reported_with_its_error_code()
    {
        await using var server = await RedisServer.StartAsync();
        await using var rig = new Rig($"127.0.0.1:{server.Port}");
        Assert.Equal(HealthStatus.Healthy, (await rig.HealthAsync()).Status);
        await server.AskAsync("CONFIG", "SET", "min-replicas-to-write", "1");
        Assert.Equal((HealthStatus.Degraded, "the shared store refuses the gateway (NOREPLICAS)"), await rig.HealthAsync());
        await server.AskAsync("CONFIG", "SET", "min-replicas-to-write", "0");
        await server.AskAsync("ACL", "SETUSER", "default", "-set");
        Assert.Equal(HealthStatus.Degraded, (await rig.HealthAsync()).Status);
        await server.AskAsync("ACL", "SETUSER", "default", "+set");
        Assert.Equal(HealthStatus.Healthy, (await rig.HealthAsync()).Status);
    }

    [Fact]
    public async Task A_connection_to_a_replica_is_replaced_by_one_that_accepts_a_write()
    {
        await using var first = await RedisServer.StartAsync();
        await using var second = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{first.Port}");
        await using var proxy = new TcpFaultProxy(first.Port);
        await using var rig = new Rig($"127.0.0.1:{proxy.Port}");
        Assert.Equal(HealthStatus.Healthy, (await rig.HealthAsync()).Status);
        await first.AskAsync("REPLICAOF", "127.0.0.1", $"{RedisServer.FreePort()}");
        Assert.Equal(HealthStatus.Degraded, (await rig.HealthAsync()).Status);
        Assert.False(await rig.RenewAsync());

        await second.AskAsync("REPLICAOF", "NO", "ONE");
        proxy.Target = second.Port;
        Assert.Equal(HealthStatus.Degraded, (await rig.HealthAsync()).Status);
        Assert.True(await rig.RenewAsync());
        Assert.Equal(HealthStatus.Healthy, (await rig.HealthAsync()).Status);
    }

    private sealed class Rig : IAsyncDisposable
    {
        private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        private readonly RedisConnection _connection;
        private readonly SharedStoreState _state;

        public Rig(string connectionString)
        {
            var options = Options.Create(new RedisOptions { ConnectionString = connectionString });
            _connection = new RedisConnection(options, _services);
            _state = new SharedStoreState(_connection, options, _services.GetRequiredService<IMeterFactory>(), TimeProvider.System);
        }

        // On a busy machine the first answer may come too late.
        public async Task<(HealthStatus Status, string? Text)> HealthAsync()
        {
            HealthCheckResult found = default;
            await Eventually.IsAsync(
                async () =>
                {
                    found = await new RedisHealth(_state).CheckHealthAsync(new HealthCheckContext(), Cancel);
                    return found.Description != "the shared store does not answer";
                },
                "the store answers");
            return (found.Status, found.Description);
        }

        public async Task<bool> RenewAsync()
        {
            return await _connection.RenewAsync(WriteAsync, Cancel);

            Task WriteAsync(IDatabaseAsync client) => _state.WriteAsync(client, Cancel);
        }

        public async ValueTask DisposeAsync()
        {
            await _connection.DisposeAsync();
            await _services.DisposeAsync();
        }
    }
}
