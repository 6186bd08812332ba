// The stock gateway. Flags and variables: xmtp-gateway --help. Custom rules go after AddXmtpGateway. xmtp-gateway
// doctor checks everything that a gateway with the same settings needs, and starts none; xmtp-gateway payer is for the
// payer's money, xmtp-gateway estimate says what a month costs.
using Xmtp.Gateway.Doctor;
using Xmtp.Gateway.Estimates;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Wallet;

XmtpGatewayProgram.ExitOnStartFaults();
if (args is ["doctor", .. var settings]) return await GatewayDoctor.RunAsync(settings);
if (args is ["payer", .. var command]) return await PayerCommand.RunAsync(command);
if (args is ["estimate", .. var figures]) return await EstimateCommand.RunAsync(figures);
if (XmtpGatewayCommands.Run(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder();
builder.AddXmtpGateway(args);
builder.AddServiceDefaults();

// The gateway's own health check is degraded without Redis; the client's would be unhealthy and take out every replica.
if (RedisClient.Find(builder.Configuration) is { } redis)
    builder.AddRedisClient(RedisClient.ConnectionName, client =>
    {
        client.ConnectionString = redis.ConnectionString;
        client.DisableHealthChecks = true;
    }, RedisClient.Configure);

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
return 0;
