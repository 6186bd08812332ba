// The stock gateway. Flags and variables: xmtp-gateway --help. Rules of your own go behind AddXmtpGateway.
var builder = WebApplication.CreateBuilder();
builder.AddXmtpGateway(args);
builder.AddServiceDefaults();

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
