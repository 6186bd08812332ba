// Only users with a token of your own login may publish. Keys come from the issuer's discovery document and are renewed
// automatically; TOKEN_DISCOVERY_URL is, for example, https://login.example.com/.well-known/openid-configuration
XmtpGatewayProgram.ExitOnStartFaults();
if (XmtpGatewayCommands.Run(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder(args);
builder.AddXmtpGateway()
    .UseJwt(jwt =>
    {
        jwt.DiscoveryUrl = builder.Configuration.GetValue<Uri>("TOKEN_DISCOVERY_URL"); // without one the start fails with a message
        jwt.Audience = ["my-app"];
    });

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
return 0;
