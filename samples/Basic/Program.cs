// A gateway of your own in six lines: it does what the stock one does, and takes the same flags and variables.
XmtpGatewayProgram.ExitOnStartFaults();
var builder = WebApplication.CreateBuilder(args);
builder.AddXmtpGateway();

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
