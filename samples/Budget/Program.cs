// Every client may spend half a dollar a day, and the whole gateway 300 dollars a month, by the network's own rates
// (UTC).
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Costs;

XmtpGatewayProgram.ExitOnStartFaults();
if (XmtpGatewayCommands.Run(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder(args);
builder.AddXmtpGateway()
    .AddBudget(0.50m, BudgetPeriod.Day)
    .AddBudget(new Budget(Picodollars.FromDollars(300), BudgetPeriod.Month) { Scope = LimitScope.WholeGateway });

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
return 0;
