// Only users with a token of your own login may publish. Keys come from the issuer's discovery document and are renewed
// by themselves; TOKEN_DISCOVERY_URL is such as https://login.example.com/.well-known/openid-configuration
XmtpGatewayProgram.ExitOnStartFaults();
var builder = WebApplication.CreateBuilder(args);
builder.AddXmtpGateway()
    .UseJwt(jwt =>
    {
        jwt.DiscoveryUrl = builder.Configuration.GetValue<Uri>("TOKEN_DISCOVERY_URL"); // without one it says so, and does not start
        jwt.Audience = ["my-app"];
    });

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
