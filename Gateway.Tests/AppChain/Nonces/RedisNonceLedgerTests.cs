using StackExchange.Redis;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain.Nonces;

public sealed class RedisServerFixture : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

public sealed class RedisNonceLedgerTests(RedisServerFixture redis) : SharedNonceLedgerConformance, IClassFixture<RedisServerFixture>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();
}

public sealed class GarnetNonceLedgerTests(GarnetInProcess garnet) : SharedNonceLedgerConformance, IClassFixture<GarnetInProcess>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}
