using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>The Node SDK that people ship, against a whole local network.</summary>
[Collection(nameof(SdkCollection))]
public sealed class NodeSdkTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private const int OtherPayer = 2;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public Task Users_find_each_other_write_both_ways_stream_in_order_and_keep_a_group(Sdk sdk) =>
        SdkScript.RunAsync(sdk, "node/conversation.mjs", box.Network.Gateway);

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public Task A_second_installation_gets_the_conversations_and_takes_part_in_them(Sdk sdk) =>
        SdkScript.RunAsync(sdk, "node/second-installation.mjs", box.Network.Gateway);

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public Task Messages_among_changes_of_the_groups_name_all_arrive_in_order(Sdk sdk) =>
        SdkScript.RunAsync(sdk, "node/renames.mjs", box.Network.Gateway);

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public Task Twenty_users_in_five_groups_write_at_once_and_everything_arrives_everywhere_once(Sdk sdk) =>
        SdkScript.RunAsync(sdk, "load/chat.mjs", box.Network.Gateway, """{"members":0,"renames":0}""");

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public Task Fifty_changes_of_one_name_at_once_end_in_one_name(Sdk sdk) =>
        SdkScript.RunAsync(sdk, "load/chat.mjs", box.Network.Gateway, """{"groups":1,"messages":20,"members":0}""");

    // `bench -- sdk` has 250 in chunks of 100.
    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public Task A_large_group_whose_members_are_added_in_chunks_reads_its_first_message(Sdk sdk) =>
        SdkScript.RunAsync(
            sdk,
            "load/chat.mjs",
            box.Network.Gateway,
            """{"users":1,"groups":0,"messages":0,"renames":0,"members":100,"chunk":40}""");

    [Fact]
    public async Task A_call_adds_a_hundred_and_ten_members_and_not_a_hundred_and_fifteen_and_the_log_says_why()
    {
        await using var script = SdkScript.Start(Sdk.Newest, "node/too-many-members.mjs", box.Network.Gateway);
        foreach (var count in new[] { 115, 150 })
        {
            var told = await script.ExpectAsync("refused");
            Assert.Equal(count, told.GetProperty("count").GetInt32());
            Assert.Contains("[GroupError::Sync]", told.GetProperty("error").GetString());
            Assert.Contains("errors publishing intents", told.GetProperty("error").GetString());
        }

        await script.ExpectAsync("done");
        Assert.Matches(@"envelopes\[0\]: 2\d{5} bytes, the App Chain takes at most 200000", script.Rest());
    }

    [Fact]
    public Task A_user_of_a_contract_wallet_registers_and_writes() =>
        SdkScript.RunAsync(Sdk.Newest, "node/contract-wallet.mjs", box.Network.Gateway, box.Network.ChainUrl);

    [Fact]
    public async Task The_oldest_has_no_verifier_of_a_contract_wallets_signature()
    {
        await using var script = SdkScript.Start(Sdk.Oldest, "node/contract-wallet.mjs", box.Network.Gateway, box.Network.ChainUrl);
        await script.ExpectAsync("deployed");
        var told = await script.ExpectAsync("failed");
        Assert.Contains("verifier not present", told.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public async Task A_gateway_restart_duplicates_no_message_and_the_conversation_continues(Sdk sdk)
    {
        await using var gateway = new RestartableGateway(box.Network, OtherPayer);
        await gateway.StartAsync();
        await using var script = SdkScript.Start(sdk, "node/gateway-restart.mjs", gateway.Address);
        await script.ExpectAsync("stop");
        await gateway.EndAsync("TERM");
        await script.ContinueAsync();
        var told = await script.ExpectAsync("start");
        Assert.NotNull(told.GetProperty("error").GetString());
        Assert.Contains("PayerApi/PublishClientEnvelopes", script.Rest());
        Assert.NotNull(told.GetProperty("groupError").GetString());
        await gateway.StartAsync();
        await script.ContinueAsync();
        await script.ExpectAsync("done");
    }

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public async Task A_gateway_that_is_killed_while_groups_are_made_leaves_none_that_does_not_work(Sdk sdk)
    {
        await using var gateway = new RestartableGateway(box.Network, OtherPayer + 1);
        await gateway.StartAsync();
        await using var script = SdkScript.Start(sdk, "node/gateway-killed.mjs", gateway.Address);
        await script.ExpectAsync("kill");
        await gateway.EndAsync("KILL");
        await gateway.StartAsync();
        await script.ContinueAsync();
        await script.ExpectAsync("done");
    }

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public async Task A_node_that_dies_under_a_stream_is_replaced_by_a_new_client_and_waited_for_by_the_old_one(Sdk sdk)
    {
        await using var network = await DevNetwork.StartAsync(new DevNetOptions(), Cancel);
        await using var script = SdkScript.Start(sdk, "node/node-killed.mjs", network.Gateway);
        var nodes = network.Nodes.ToList();
        var dead = await KillReadersNodeAsync(script, nodes);
        Assert.Contains("ReplicationApi/GetInboxIds", (await script.ExpectAsync("cut")).GetProperty("error").GetString());
        await using var back = await BringBackAsync(network, script, nodes, dead);
        dead = await KillReadersNodeAsync(script, nodes);
        await using var backAgain = await BringBackAsync(network, script, nodes, dead);
        await script.ExpectAsync("done");
    }

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public async Task A_paused_chain_refuses_commits_and_identity_updates_with_its_reason_and_messages_continue(Sdk sdk)
    {
        await using var network = await DevNetwork.StartAsync(new DevNetOptions(), Cancel);
        await using var script = SdkScript.Start(sdk, "node/chain-paused.mjs", network.Gateway);
        await script.ExpectAsync("pause");
        await PauseAsync(network, true);
        await script.ContinueAsync();
        var told = await script.ExpectAsync("resume");
        Assert.NotNull(told.GetProperty("group").GetString());
        Assert.Contains("GroupMessageBroadcaster is paused on the App Chain", script.Rest());
        Assert.Contains("IdentityUpdateBroadcaster is paused on the App Chain", told.GetProperty("identity").GetString());
        await PauseAsync(network, false);
        await script.ContinueAsync();
        await script.ExpectAsync("done");
    }

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public async Task An_apps_token_is_sent_refused_when_wrong_and_renewed_when_it_expires(Sdk sdk)
    {
        var first = true;
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                ConfigureGateway = gateway => gateway.UseIdentity((context, _) => ValueTask.FromResult(Who(context, first))),
            },
            Cancel);
        await using var script = SdkScript.Start(sdk, "node/token.mjs", network.Gateway);
        var refused = await script.ExpectAsync("refused");
        Assert.Contains("a token is needed", refused.GetProperty("none").GetString());
        Assert.Contains("that token is wrong", refused.GetProperty("wrong").GetString());
        await script.ExpectAsync("revoke-first");
        first = false;
        await script.ContinueAsync();
        await script.ExpectAsync("done");
    }

    private static IdentityResult Who(HttpContext context, bool firstCounts)
    {
        string? token = context.Request.Headers["x-app-token"] is [{ } named] ? $"Bearer {named}" : context.Request.Headers.Authorization;
        if (token is null) return IdentityResult.Unauthenticated("a token is needed");
        return token == "Bearer second" || (token == "Bearer first" && firstCounts)
            ? IdentityResult.Known(new ClientIdentity("app", "one"))
            : IdentityResult.Unauthenticated("that token is wrong");
    }

    private static async Task<DevNode> KillReadersNodeAsync(SdkScript script, List<DevNode> nodes)
    {
        await script.ExpectAsync("kill");
        var dead = Assert.Single(nodes, node => node.Readers > 0);
        await dead.DisposeAsync();
        nodes.Remove(dead);
        await script.ContinueAsync();
        return dead;
    }

    private static async Task<DevNode> BringBackAsync(DevNetwork network, SdkScript script, List<DevNode> nodes, DevNode dead)
    {
        await script.ExpectAsync("back");
        var node = await DevNode.StartAsync(
            new DevNodeOptions { NodeId = dead.Id, Port = dead.Address.Port, Store = dead.Store, AppChain = network.ChainWebSocketUrl },
            Cancel);
        foreach (var other in nodes) node.Follow(other.AsPeer());
        nodes.Add(node);
        await script.ContinueAsync();
        return node;
    }

    private static async Task PauseAsync(DevNetwork network, bool paused)
    {
        await network.Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, paused, Cancel);
        await network.Chain.SetPausedAsync(ChainAddresses.IdentityUpdateBroadcaster, paused, Cancel);
    }
}
