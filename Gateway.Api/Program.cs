// The stock gateway. Flags and variables: xmtp-gateway --help. Rules of your own go behind AddXmtpGateway.
// xmtp-gateway doctor looks at everything that a gateway with the same settings needs, and starts none.
using Xmtp.Gateway.Doctor;

if (args is ["doctor", .. var settings]) return await GatewayDoctor.RunAsync(settings);

var builder = WebApplication.CreateBuilder();
builder.AddXmtpGateway(args);
builder.AddServiceDefaults();

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
return 0;
