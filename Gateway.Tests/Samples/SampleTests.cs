using Grpc.Core;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.Identity.Jwt;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Samples;

public sealed class SampleTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static async Task ReadyAsync(SampleProcess sample, params (string, string)[] headers) =>
        await Eventually.IsAsync(
            async () => (await sample.PublishAsync(Form.Grpc, 1, headers)).Code != StatusCode.Unavailable, "the sample knows the nodes");

    [Fact]
    public async Task Basic_publishes_to_the_network()
    {
        await using var sample = await SampleProcess.StartAsync("Basic", box);
        await ReadyAsync(sample);
        foreach (var form in Enum.GetValues<Form>()) Assert.Equal(StatusCode.OK, (await sample.PublishAsync(form, 2)).Code);
    }

    [Fact]
    public async Task Allowlist_allows_only_alice()
    {
        await using var sample = await SampleProcess.StartAsync("Allowlist", box);
        await ReadyAsync(sample, ("x-api-key", "key-of-alice"));
        Assert.Equal(StatusCode.OK, (await sample.PublishAsync(Form.GrpcWeb, 1, ("x-api-key", "key-of-alice"))).Code);
        Assert.Equal(StatusCode.PermissionDenied, (await sample.PublishAsync(Form.ConnectJson, 1, ("x-api-key", "key-of-bob"))).Code);
        Assert.Equal(StatusCode.Unauthenticated, (await sample.PublishAsync(Form.Grpc, 1)).Code);
        Assert.Equal(StatusCode.InvalidArgument, (await sample.PublishAsync(Form.Grpc, 101, ("x-api-key", "key-of-alice"))).Code);
    }

    [Fact]
    public async Task Jwt_allows_users_with_a_token()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var sample = await SampleProcess.StartAsync("Jwt", box, ("TOKEN_DISCOVERY_URL", issuer.DiscoveryUrl.AbsoluteUri));
        var token = ("authorization", "Bearer " + issuer.Token());
        await ReadyAsync(sample, token);
        Assert.Equal(StatusCode.OK, (await sample.PublishAsync(Form.ConnectProto, 1, token)).Code);
        Assert.Equal(StatusCode.Unauthenticated, (await sample.PublishAsync(Form.ConnectProto, 1)).Code);
    }

    [Fact]
    public async Task Database_allows_users_with_a_paid_plan()
    {
        var folder = Directory.CreateTempSubdirectory("plans-");
        try
        {
            var database = ("DATABASE", $"Data Source={Path.Combine(folder.FullName, "plans.db")}");
            await using var sample = await SampleProcess.StartAsync("Database", box, database);
            await ReadyAsync(sample, ("x-user", "alice"));
            var answers = await Task.WhenAll(
                Enumerable.Range(0, 20).Select(_ => sample.PublishAsync(Form.Grpc, 1, ("x-user", "alice"))));
            Assert.All(answers, answer => Assert.Equal(StatusCode.OK, answer.Code));
            Assert.Equal(StatusCode.PermissionDenied, (await sample.PublishAsync(Form.ConnectJson, 1, ("x-user", "bob"))).Code);
            Assert.Equal(StatusCode.Unauthenticated, (await sample.PublishAsync(Form.ConnectJson, 1)).Code);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task RateLimit_refuses_what_can_never_fit_and_allows_the_rest()
    {
        await using var sample = await SampleProcess.StartAsync("RateLimit", box);
        await ReadyAsync(sample);
        Assert.Equal(StatusCode.OK, (await sample.PublishAsync(Form.Grpc, 50)).Code);
        Assert.Equal(StatusCode.InvalidArgument, (await sample.PublishAsync(Form.Grpc, 801)).Code);
    }

    [Fact]
    public async Task Budget_publishes_while_there_is_money()
    {
        await using var sample = await SampleProcess.StartAsync("Budget", box);
        await ReadyAsync(sample);
        Assert.Equal(StatusCode.OK, (await sample.PublishAsync(Form.ConnectJson, 3)).Code);
    }
}
