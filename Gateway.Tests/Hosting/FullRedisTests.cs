using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>A real Redis whose memory is used up.</summary>
public sealed class FullRedisTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_and_gauges_distinguish_a_full_store_from_an_unavailable_one()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var administrator = await redis.ConnectAsync();
        var server = administrator.GetServers().Single();
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var options = Options.Create(new RedisOptions { ConnectionString = redis.ConnectionString });
        await using var connection = new RedisConnection(options, services);
        var meters = services.GetRequiredService<IMeterFactory>();
        var health = new RedisHealth(new SharedStoreState(connection, options, meters, TimeProvider.System));
        using var listener = new MeterListener();
        var (full, unavailable) = (-1, -1);
        listener.InstrumentPublished = (instrument, listen) =>
        {
            var isWatched = instrument.Name is "xmtp_gateway_redis_full" or "xmtp_gateway_redis_unavailable";
            if (isWatched && ReferenceEquals(instrument.Meter.Scope, meters)) listen.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) =>
        {
            if (instrument.Name == "xmtp_gateway_redis_full") full = value;
            else unavailable = value;
        });
        listener.Start();
        async Task<(HealthStatus Status, string? Text, int Full, int Unavailable)> LookAsync()
        {
            var result = await health.CheckHealthAsync(new HealthCheckContext(), Cancel);
            listener.RecordObservableInstruments();
            return (result.Status, result.Description, full, unavailable);
        }

        Assert.Equal((HealthStatus.Healthy, null, 0, 0), await LookAsync());
        await server.ConfigSetAsync("maxmemory", "1");
        Assert.Equal(
            (HealthStatus.Degraded, "the shared store is full: it refuses writes until it has more maxmemory", 1, 0), await LookAsync());
        await server.ConfigSetAsync("maxmemory", "0");
        Assert.Equal((HealthStatus.Healthy, null, 0, 0), await LookAsync());
        await redis.KillAsync();
        Assert.Equal((HealthStatus.Degraded, "the shared store does not answer", 0, 1), await LookAsync());
    }
}
