// The shortest custom gateway: it does the same as the stock one, with the same flags and variables.
XmtpGatewayProgram.ExitOnStartFaults();
if (XmtpGatewayCommands.Run(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder(args);
builder.AddXmtpGateway();

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
return 0;
