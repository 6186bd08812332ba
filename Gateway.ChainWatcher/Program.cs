// Follows both chains and reports changes to gateways and operators. Flags and variables: xmtp-chain-watcher --help.
using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.Redis;

XmtpGatewayProgram.ExitOnStartFaults();
if (WatcherHost.RunCommand(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder();
builder.AddXmtpChainWatcher(args);
builder.AddServiceDefaults();

// The watcher's own health check handles an unavailable Redis.
if (RedisClient.Find(builder.Configuration) is { } redis)
    builder.AddRedisClient(RedisClient.ConnectionName, client =>
    {
        client.ConnectionString = redis.ConnectionString;
        client.DisableHealthChecks = true;
    }, RedisClient.Configure);

var app = builder.Build();
await app.RunXmtpChainWatcherAsync();
return 0;
