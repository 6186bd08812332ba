// Every client has the stock limit and at most 20 a second, and all clients share 20,000 a minute. All three apply at
// once: a publish takes from each of them or from none. With Redis (--redis.redis-url) replicas share them.
using Xmtp.Gateway.Authorization.Limits;

XmtpGatewayProgram.ExitOnStartFaults();
if (XmtpGatewayCommands.Run(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder(args);
builder.AddXmtpGateway()
    .AddRateLimit()
    .AddRateLimit(new RateLimit(20, TimeSpan.FromSeconds(1)) { Burst = 800 })
    .AddRateLimit(new RateLimit(20_000, TimeSpan.FromMinutes(1)) { Scope = LimitScope.WholeGateway });

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
return 0;
