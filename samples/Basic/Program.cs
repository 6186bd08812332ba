// A custom gateway in six lines: it does the same as the stock one, with the same flags and variables.
XmtpGatewayProgram.ExitOnStartFaults();
var builder = WebApplication.CreateBuilder(args);
builder.AddXmtpGateway();

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
