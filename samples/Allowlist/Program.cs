// Only the users of a list may publish. Here the app's own API key identifies the caller; see samples/Jwt for tokens.
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Identity;

var users = new Dictionary<string, string> { ["key-of-alice"] = "alice", ["key-of-bob"] = "bob" };

XmtpGatewayProgram.ExitOnStartFaults();
if (XmtpGatewayCommands.Run(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder(args);
builder.AddXmtpGateway()
    .UseIdentity((call, _) => ValueTask.FromResult(users.TryGetValue(call.Request.Headers["x-api-key"].ToString(), out var user)
        ? IdentityResult.Known(new ClientIdentity("user", user))
        : IdentityResult.Unauthenticated("an API key is needed in the header x-api-key")))
    .AddAllowlist("alice")
    .AddAuthorizer((publish, _) => ValueTask.FromResult(publish.Envelopes.Count <= 100
        ? AuthorizationDecision.Allow
        : AuthorizationDecision.TooLarge("at most 100 envelopes a request; split the batch")));

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
return 0;
