using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Tests.Redis;

/// <summary>What the URL of a Redis means: what it means to the original, or a fault at start.</summary>
public sealed class RedisUrlTests
{
    [Theory]
    [InlineData("redis://127.0.0.1", "127.0.0.1:6379", false, null)]
    [InlineData("redis://store:6390/3", "store:6390", false, 3)]
    [InlineData("redis://store/3?db=4", "store:6379", false, 4)]
    [InlineData("REDISS://store:6390/2", "store:6390", true, 2)]
    [InlineData("rediss://store?db=7&skip_verify=true", "store:6379", true, 7)]
    [InlineData("valkeys://store", "store:6379", true, null)]
    [InlineData("valkey://store", "store:6379", false, null)]
    [InlineData("redis://[::1]:6390/", "[::1]:6390", false, null)]
    [InlineData("redis://:6390", "localhost:6390", false, null)]
    [InlineData("unix:///run/redis.sock?db=5", "/run/redis.sock", false, 5)]
    [InlineData("unix://payer:hunter2@/run/redis.sock", "/run/redis.sock", false, null)]
    [InlineData("store:6390,ssl=true,defaultDatabase=2", "store:6390", true, 2)]
    [InlineData("store,password=hunter2://x", "store:6379", false, null)]
    public void A_URL_that_is_known_names_its_server_database_and_TLS(string url, string server, bool ssl, int? database)
    {
        var read = Read(url);
        read.SetDefaultPorts();
        Assert.Equal(server, Assert.Single(read.EndPoints).ToString()!.Replace("Unspecified/", "", StringComparison.Ordinal));
        Assert.Equal((ssl, database), (read.Ssl, read.DefaultDatabase));
    }

    [Fact]
    public void User_and_password_are_unescaped_and_timeouts_and_names_are_kept()
    {
        var read = Read(
            "redis://pay%20er:p%40ss@w@store?dial_timeout=7&read_timeout=300ms&write_timeout=-1&client_name=gw&protocol=3&pool_size=10&" +
            "max_retries=2&min_idle_conns=1");
        Assert.Equal(("pay er", "p@ss@w"), (read.User, read.Password));
        Assert.Equal((7000, 300, 300), (read.ConnectTimeout, read.AsyncTimeout, read.SyncTimeout));
        Assert.Equal(("gw", RedisProtocol.Resp3), (read.ClientName, read.Protocol));
    }

    [Theory]
    [InlineData("redis+tls://:hunter2@store", "scheme")]
    [InlineData("redis-sentinel://:hunter2@store", "scheme")]
    [InlineData("http://:hunter2@store", "scheme")]
    [InlineData("redis://:hunter2@store?ssl=true", "its parameter ssl is not known")]
    [InlineData("redis://:hunter2@store?skip_verify=true", "its parameter skip_verify belongs to rediss://")]
    [InlineData("rediss://:hunter2@store?skip_verify=maybe", "its parameter skip_verify is true or false")]
    [InlineData("redis://:hunter2@store?read_timeout=soon", "its parameter read_timeout is not a duration")]
    [InlineData("redis://:hunter2@store/first", "database")]
    [InlineData("redis://:hunter2@store/1/2", "database")]
    [InlineData("redis://:hunter2@store?db=-1", "database")]
    [InlineData("redis://:hunter2@store:none", "port")]
    [InlineData("redis://:hunter2@one:1,two:2", "several servers")]
    [InlineData("redis://:hun?ter2@store", "%3F")]
    [InlineData("redis://:hun#ter2@store", "%23")]
    [InlineData("unix://hunter2/run/redis.sock", "socket")]
    [InlineData("unix://", "socket")]
    [InlineData("store,password=hunter2,nonsense=1", "an option of it is not known")]
    [InlineData("store,password=hunter2,ssl", "an option of it has no value")]
    [InlineData("store,password=hunter2,ssl=perhaps", "an option of it is not known, or its value is wrong")]
    [InlineData("store,password=hunter2,defaultDatabase=-3", "database")]
    [InlineData("password=hunter2", "it names no server")]
    public async Task Whatever_is_not_known_is_a_fault_at_start_that_names_it_and_shows_no_secret(string url, string words)
    {
        await using var gateway = Hosting.GatewayUnderTest.Build([.. Hosting.GatewayUnderTest.Enough, "--redis.redis-url", url]);
        var fault = Assert.Single(
            await gateway.FaultsAsync(), fault => fault.StartsWith("--redis.redis-url (XMTPD_REDIS_URL): ", StringComparison.Ordinal));
        Assert.Contains(words, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("ter2", fault, StringComparison.Ordinal);
    }

    private static ConfigurationOptions Read(string url)
    {
        var options = new RedisOptions { ConnectionString = url };
        Assert.Null(RedisConfiguration.Fault(options));
        return RedisConfiguration.Read(options);
    }
}
