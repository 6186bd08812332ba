// Users of a database publish, as long as their plan is paid: an authorizer with a DbContext of Entity Framework Core, created for
// each publish in a scope of its own. The header x-user names the user here; use .UseJwt() for real ones.
using Microsoft.EntityFrameworkCore;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Samples.Database;

XmtpGatewayProgram.ExitOnStartFaults();
if (XmtpGatewayCommands.Run(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder(args);
var database = builder.Configuration["DATABASE"] ?? "Data Source=plans.db";
builder.Services.AddDbContext<Plans>(options => options.UseSqlite(database));
builder.AddXmtpGateway()
    .UseIdentity((call, _) => ValueTask.FromResult(call.Request.Headers["x-user"].ToString() is { Length: > 0 } user
        ? IdentityResult.Known(new ClientIdentity("user", user))
        : IdentityResult.Unauthenticated("send the header x-user")))
    .AddScopedAuthorizer<PaidPlans>();

var app = builder.Build();
using (var scope = app.Services.CreateScope())
{
    var plans = scope.ServiceProvider.GetRequiredService<Plans>();
    if (plans.Database.EnsureCreated())
    {
        plans.Users.AddRange(new PlanOfUser { User = "alice", IsPaid = true }, new PlanOfUser { User = "bob" });
        plans.SaveChanges();
    }
}

app.MapXmtpGateway();
app.Run();
return 0;
