using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Doctor;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Wallet;
using XmtpGateway1;

XmtpGatewayProgram.ExitOnStartFaults();
if (args is ["doctor", .. var settings]) return await GatewayDoctor.RunAsync(settings, yours: Rules);
if (args is ["payer", .. var command]) return await PayerCommand.RunAsync(command, yours: Rules);
if (XmtpGatewayCommands.Run(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder(args);
Rules(builder.AddXmtpGateway());

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
return 0;

// Who asks: an address, or with --auth.jwt.* the user of a token. Who may: OwnUsers.cs. How much: limits and budgets.
static void Rules(XmtpGatewayBuilder gateway) => gateway
    .AddAuthorizer<OwnUsers>()
    .AddRateLimit()
    .AddBudget(0.50m, BudgetPeriod.Day);
