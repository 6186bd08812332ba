// Follows both chains and tells gateways and operators what changed. Flags and variables: xmtp-chain-watcher --help.
using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.Redis;

XmtpGatewayProgram.ExitOnStartFaults();
var builder = WebApplication.CreateBuilder();
builder.AddXmtpChainWatcher(args);
builder.AddServiceDefaults();

// The watcher's own health check knows what a Redis that is away means.
if (RedisClient.Find(builder.Configuration) is { } redis)
    builder.AddRedisClient(RedisClient.ConnectionName, client =>
    {
        client.ConnectionString = redis.ConnectionString;
        client.DisableHealthChecks = true;
    }, RedisClient.Configure);

var app = builder.Build();
await app.RunXmtpChainWatcherAsync();
