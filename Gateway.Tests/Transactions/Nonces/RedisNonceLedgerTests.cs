using StackExchange.Redis;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Transactions.Nonces;

public sealed class RedisNonceLedgerTests(RedisServerFixture redis) : SharedNonceLedgerConformance, IClassFixture<RedisServerFixture>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();
}

public sealed class GarnetNonceLedgerTests(GarnetInProcess garnet) : SharedNonceLedgerConformance, IClassFixture<GarnetInProcess>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}
