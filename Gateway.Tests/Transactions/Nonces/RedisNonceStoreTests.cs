using StackExchange.Redis;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Transactions.Nonces;

public sealed class RedisNonceStoreTests(RedisServerFixture redis) : SharedNonceStoreConformance, IClassFixture<RedisServerFixture>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();
}

public sealed class GarnetNonceStoreTests(GarnetInProcess garnet) : SharedNonceStoreConformance, IClassFixture<GarnetInProcess>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}
