// Only users with a token of your own login may publish. Keys come from the issuer's discovery document and are renewed
// by themselves; TOKEN_DISCOVERY_URL is such as https://login.example.com/.well-known/openid-configuration
var builder = WebApplication.CreateBuilder(args);
builder.AddXmtpGateway()
    .UseJwt(jwt =>
    {
        jwt.DiscoveryUrl = new Uri(builder.Configuration["TOKEN_DISCOVERY_URL"] ?? throw new InvalidOperationException("TOKEN_DISCOVERY_URL is missing"));
        jwt.Audience = ["my-app"];
    });

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
