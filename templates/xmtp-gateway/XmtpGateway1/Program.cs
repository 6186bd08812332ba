// Who asks: an address, or with --auth.jwt.* the user of a token. Who may: OwnUsers.cs. How much: limits and budgets.
using Xmtp.Gateway.Authorization.Limits;
using XmtpGateway1;

var builder = WebApplication.CreateBuilder(args);
builder.AddXmtpGateway()
    .AddAuthorizer<OwnUsers>()
    .AddRateLimit()
    .AddBudget(0.50m, BudgetPeriod.Day);

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
