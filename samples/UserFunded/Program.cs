// Users pay for their own messages: each has a payer wallet, whose key the app's signing service holds. The app pays for users without
// money, up to the budgets of payers.json, or refuses them. README.md has the settings and what the signing service answers.
using Xmtp.Gateway.Samples.UserFunded;

XmtpGatewayProgram.ExitOnStartFaults();
if (XmtpGatewayCommands.Run(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(UserFundedOptions.Read(builder.Configuration));
builder.Services.AddSingleton<SigningService>().AddSingleton<SigningQueue>().AddSingleton<UserBalances>();
builder.Services.AddHostedService(services => services.GetRequiredService<SigningQueue>());
builder.AddXmtpGateway().UsePayerSelector<UsersPay>();

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
return 0;
