using Nethereum.Signer;
using Xmtp.Gateway.AppHost.Anvil;

namespace Xmtp.Gateway.AppHost.Tests;

/// <summary>What the picture consists of on a laptop. Nothing is started.</summary>
public class ModelTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("yes", typeof(AnvilContainerResource), typeof(RedisResource))]
    [InlineData("no", typeof(AnvilProjectResource), typeof(ExecutableResource))]
    public async Task The_local_network_runs_with_containers_and_without(string containers, Type anvil, Type redis)
    {
        await using var model = await BuildAsync("--containers", containers);
        Assert.IsType(anvil, model.Resources.Single(resource => resource.Name == "anvil"));
        Assert.IsAssignableFrom(redis, model.Resources.Single(resource => resource.Name == "redis"));
        Assert.Subset(
            model.Resources.Select(resource => resource.Name).ToHashSet(),
            new HashSet<string> { "gateway", "watcher", "nodes", "payer-private-key" });
        if (containers == "no") Assert.DoesNotContain(model.Resources, resource => resource is ContainerResource);
    }

    [Fact]
    public async Task The_gateway_waits_for_nodes_that_are_registered_and_they_wait_for_the_chain()
    {
        await using var model = await BuildAsync("--containers", "no");
        Assert.Equal(["anvil", "nodes", "redis"], Awaited(model, "gateway").Concat(Awaited(model, "nodes")).Order());
        Assert.Equal(["anvil", "redis"], Awaited(model, "watcher").Order());
        foreach (var name in new[] { "anvil", "nodes", "gateway", "watcher" })
            Assert.NotEmpty(Find(model, name).Annotations.OfType<HealthCheckAnnotation>());
    }

    [Fact]
    public async Task Anvil_runs_the_real_contracts_at_a_pinned_tag()
    {
        await using var model = await BuildAsync("--containers", "yes");
        var image = Assert.Single(Find(model, "anvil").Annotations.OfType<ContainerImageAnnotation>());
        Assert.Equal("ghcr.io/xmtp/contracts", $"{image.Registry}/{image.Image}");
        Assert.Matches(@"^v\d{4}\.\d{2}\.\d{2}-\d+$", image.Tag);
    }

    [Fact]
    public async Task Anvil_has_the_commands_of_a_developers_day()
    {
        await using var model = await BuildAsync("--containers", "no");
        var commands = Find(model, "anvil").Annotations.OfType<ResourceCommandAnnotation>().Select(command => command.Name);
        Assert.Subset(commands.ToHashSet(), new HashSet<string> { "fund-wallet", "deposit", "register-node", "pause", "mine" });
    }

    [Fact]
    public async Task The_gateway_has_commands_to_send_a_message_and_to_run_the_doctor()
    {
        await using var model = await BuildAsync("--containers", "no");
        var commands = Find(model, "gateway").Annotations.OfType<ResourceCommandAnnotation>().ToDictionary(command => command.Name);
        Assert.Equal("Send a message", commands["send-message"].DisplayName);
        Assert.Equal("Doctor", commands["doctor"].DisplayName);
    }

    [Fact]
    public async Task GRPC_is_marked_as_HTTP_2_and_health_is_probed_over_HTTP_1()
    {
        await using var model = await BuildAsync("--containers", "no", "--replicas", "3");
        var gateway = Find(model, "gateway");
        var endpoints = gateway.Annotations.OfType<EndpointAnnotation>().ToDictionary(endpoint => endpoint.Name);
        Assert.Equal("http2", endpoints["grpc"].Transport);
        Assert.Equal("http", endpoints["web"].Transport);
        Assert.Equal([5050, 5055], new[] { "grpc", "web" }.Select(name => endpoints[name].Port!.Value));
        Assert.All(
            gateway.Annotations.OfType<HealthCheckAnnotation>(),
            check => Assert.StartsWith("gateway_web_", check.Key, StringComparison.Ordinal));
        Assert.Equal(3, Assert.Single(gateway.Annotations.OfType<ReplicaAnnotation>()).Replicas);
    }

    [Fact]
    public async Task The_testnet_requires_RPC_URLs_and_starts_no_chain()
    {
        await using var model = await BuildAsync("--containers", "no", "--network", "testnet");
        Assert.DoesNotContain(model.Resources, resource => resource is IAnvilResource or { Name: "nodes" });
        var parameters = model.Resources.OfType<ParameterResource>()
            .Where(parameter => parameter.Secret)
            .Select(parameter => parameter.Name);
        Assert.Subset(parameters.ToHashSet(), new HashSet<string> { "payer-private-key", "app-chain-rpc-url", "settlement-chain-rpc-url" });
    }

    [Fact]
    public async Task The_watcher_follows_the_wallet_that_the_gateway_pays_from()
    {
        await using var model = await BuildAsync("--containers", "no");
        var address = await (await ParameterAsync(model, "watcher", "XMTPD_WATCHER_PAYER_ADDRESS")).GetValueAsync(Cancel);
        var key = await (await ParameterAsync(model, "gateway", "XMTPD_PAYER_PRIVATE_KEY")).GetValueAsync(Cancel);
        Assert.Equal(new EthECKey(key).GetPublicAddress(), address);
        await using var testnet = await BuildAsync("--containers", "no", "--network", "testnet");
        var asked = await ParameterAsync(testnet, "watcher", "XMTPD_WATCHER_PAYER_ADDRESS");
        Assert.Equal(("payer-address", false, string.Empty), (asked.Name, asked.Secret, await asked.GetValueAsync(Cancel)));
    }

    [Fact]
    public async Task The_watcher_watches_the_nodes_of_the_local_network_alone()
    {
        await using var local = await BuildAsync("--containers", "no");
        Assert.Equal("true", (await VariablesAsync(local, "watcher"))["XMTPD_WATCHER_NETWORK"]);
        await using var testnet = await BuildAsync("--containers", "no", "--network", "testnet");
        Assert.DoesNotContain("XMTPD_WATCHER_NETWORK", (await VariablesAsync(testnet, "watcher")).Keys);
    }

    [Theory]
    [InlineData("--network", "devnet")]
    [InlineData("--replicas", "0")]
    [InlineData("--containers", "maybe")]
    [InlineData("--target", "swarm")]
    public void A_value_that_cannot_be_is_named(string flag, string value)
    {
        var fault = Assert.Throws<ArgumentException>(() => AppHostOptions.Read([flag, value]));
        Assert.Contains($"{flag}: expected", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", fault.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("compose"), InlineData("kubernetes")]
    public void A_target_whose_files_are_kept_in_the_repository_is_refused_with_their_folder(string target)
    {
        var fault = Assert.Throws<ArgumentException>(() => AppHostOptions.Read(["--target", target]));
        Assert.Contains($"deploy/{target}", fault.Message, StringComparison.Ordinal);
    }

    private static Task<IDistributedApplicationTestingBuilder> BuildAsync(params string[] args) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.Gateway_AppHost>(args, Cancel);

    private static IResource Find(IDistributedApplicationTestingBuilder model, string name) =>
        model.Resources.Single(resource => resource.Name == name);

    // The parameter behind a variable.
    private static async Task<ParameterResource> ParameterAsync(
        IDistributedApplicationTestingBuilder model, string name, string variable) =>
        Assert.IsType<ParameterResource>((await VariablesAsync(model, name))[variable]);

    // Variables may name ports that the resource has not got yet, so none is resolved.
    private static async Task<IReadOnlyDictionary<string, object>> VariablesAsync(
        IDistributedApplicationTestingBuilder model, string name)
    {
        var context = new EnvironmentCallbackContext(model.ExecutionContext, Find(model, name));
        foreach (var annotation in Find(model, name).Annotations.OfType<EnvironmentCallbackAnnotation>())
            await annotation.Callback(context);
        return context.EnvironmentVariables;
    }

    private static IEnumerable<string> Awaited(IDistributedApplicationTestingBuilder model, string name) =>
        Find(model, name).Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name).Distinct();
}
