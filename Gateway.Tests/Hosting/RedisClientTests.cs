using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>Which Redis a gateway uses, and over whose connection.</summary>
public sealed class RedisClientTests(DevChainFixture chain, RedisServerFixture redis)
    : IClassFixture<DevChainFixture>, IClassFixture<RedisServerFixture>
{
    private const string OfTheApplication = "of-the-application";

    [Fact]
    public async Task A_connection_string_named_redis_serves_where_no_flag_and_no_variable_names_one()
    {
        var named = new Dictionary<string, string?> { ["ConnectionStrings:redis"] = "aspire:6379,password=hunter2" };
        await using (var gateway = GatewayUnderTest.Build(GatewayUnderTest.Enough, named))
            Assert.Equal("aspire:6379,password=hunter2", gateway.Options<RedisOptions>().ConnectionString);
        named["XMTPD_REDIS_URL"] = "redis://variable:6379";
        await using (var gateway = GatewayUnderTest.Build(GatewayUnderTest.Enough, named))
            Assert.Equal("redis://variable:6379", gateway.Options<RedisOptions>().ConnectionString);
        await using (var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--redis.redis-url=redis://flag:6379"], named))
            Assert.Equal("redis://flag:6379", gateway.Options<RedisOptions>().ConnectionString);
    }

    [Fact]
    public void A_host_s_client_gets_the_store_that_flags_and_variables_name_in_the_form_it_reads()
    {
        var configuration = new ConfigurationManager();
        Assert.Null(RedisClient.Find(configuration));
        configuration["ConnectionStrings:redis"] = "aspire:6379,password=hunter2";
        Assert.Contains("aspire:6379", RedisClient.Find(configuration)!.ConnectionString, StringComparison.Ordinal);
        configuration["Xmtp:Redis:ConnectionString"] = "rediss://payer:hunter3@store:6390/2";

        var client = ConfigurationOptions.Parse(RedisClient.Find(configuration)!.ConnectionString);
        RedisClient.Configure(client);
        Assert.Equal(("payer", "hunter3", true, 2), (client.User, client.Password, client.Ssl, client.DefaultDatabase));
        Assert.Equal("store:6390", Assert.Single(client.EndPoints).ToString()!.Replace("Unspecified/", "", StringComparison.Ordinal));
        Assert.False(client.AbortOnConnectFail);
        Assert.Equal(BacklogPolicy.FailFast, client.BacklogPolicy);
    }

    [Fact]
    public void A_lost_connection_is_attempted_again_at_each_heartbeat_and_later_at_every_other()
    {
        var client = new ConfigurationOptions();
        RedisClient.Configure(client);
        var beat = (int)client.HeartbeatInterval.TotalMilliseconds;
        // The policy is asked at a heartbeat, which may come a little early.
        Assert.All([0, 1, 2], attempts => Assert.True(client.ReconnectRetryPolicy.ShouldRetry(attempts, beat - 50)));
        Assert.False(client.ReconnectRetryPolicy.ShouldRetry(3, beat + 50));
        Assert.All([3, 1_000], attempts => Assert.True(client.ReconnectRetryPolicy.ShouldRetry(attempts, (2 * beat) - 50)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_of_the_container_is_used_whether_or_not_a_flag_names_the_same_server(bool named)
    {
        // A server of its own: connections of another test's gateway may still be ending.
        await using var server = await RedisServer.StartAsync();
        var connection = await ConnectAsync(server);
        await using var gateway = GatewayUnderTest.Build(
            named ? [.. Args(), "--redis.redis-url", $"redis://127.0.0.1:{server.Port}"] : Args(),
            before: builder => builder.Services.AddSingleton<IConnectionMultiplexer>(_ => connection));
        Assert.Empty(await gateway.FaultsAsync());
        Assert.True(gateway.Options<RedisOptions>().IsConfigured);
        Assert.Equal([OfTheApplication], await ClientsAsync(server));
    }

    [Fact]
    public async Task A_flag_that_names_another_server_than_the_container_s_is_followed()
    {
        await using var other = await RedisServer.StartAsync();
        var connection = await ConnectAsync(other);
        await using var gateway = GatewayUnderTest.Build(
            [.. Args(), "--redis.redis-url", $"redis://127.0.0.1:{redis.Server.Port}"],
            before: builder => builder.Services.AddSingleton<IConnectionMultiplexer>(_ => connection));
        Assert.Empty(await gateway.FaultsAsync());
        Assert.NotEmpty(await ClientsAsync(redis.Server));
        Assert.DoesNotContain(OfTheApplication, await ClientsAsync(redis.Server));
    }

    private string[] Args() =>
    [
        .. GatewayUnderTest.Enough,
        $"--contracts.app-chain.rpc-url={chain.Anvil.HttpUrl}",
        $"--contracts.settlement-chain.rpc-url={chain.Anvil.HttpUrl}",
        "--contracts.start-timeout=30s",
    ];

    private static Task<ConnectionMultiplexer> ConnectAsync(RedisServer server) =>
        ConnectionMultiplexer.ConnectAsync(server.ConnectionString, options => options.ClientName = OfTheApplication);

    // Names of those who sent commands, but for whoever asks.
    private static async Task<IReadOnlyList<string>> ClientsAsync(RedisServer server)
    {
        await using var asks = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString, options => options.ClientName = "asks");
        var clients = await asks.GetServers()[0].ClientListAsync();
        return [.. clients.Select(client => client.Name ?? string.Empty).Where(name => name != "asks").Distinct()];
    }
}
