using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Identity;

namespace XmtpGateway1.Tests;

public class OwnUsersTests
{
    private readonly OwnUsers rules = new(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Users:0"] = "alice" }).Build());

    [Fact]
    public async Task A_user_of_the_app_may_publish() => Assert.Null((await AskAsync("alice")).Refusal);

    [Fact]
    public async Task Nobody_else_may() => Assert.NotNull((await AskAsync("mallory")).Refusal);

    private ValueTask<AuthorizationDecision> AskAsync(string user) =>
        rules.AuthorizeAsync(new ClientIdentity("jwt", user), new HeaderDictionary(), TestContext.Current.CancellationToken);
}
