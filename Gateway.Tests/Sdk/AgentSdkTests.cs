using System.Text.Json;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>The agent SDK and the command-line clients that people install, against a whole local network.</summary>
[Collection(nameof(SdkCollection))]
public sealed class AgentSdkTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    // Not the account of the network's own gateway.
    private const int PayerOfAgent = 3;

    [Fact]
    public Task An_agent_answers_and_after_a_restart_is_the_same_installation_and_finds_what_it_missed() =>
        SdkScript.RunAsync(Sdk.Newest, "agent/agent.mjs", box.Network.Gateway);

    [Fact]
    public Task An_agent_and_its_gateway_in_one_file_answer_and_end_together_even_when_the_agent_is_killed() =>
        SdkScript.RunAsync(Sdk.Newest, "agent/gateway-inside.mjs", box.Network.Gateway, JsonSerializer.Serialize(
            new Dictionary<string, string>(StockProgram.Variables)
            {
                ["PAYER_PRIVATE_KEY"] = DevAccounts.PrivateKeys[PayerOfAgent],
                ["XMTPD_APP_CHAIN_RPC_URL"] = box.Network.ChainUrl.OriginalString,
                ["XMTPD_APP_CHAIN_WSS_URL"] = box.Network.ChainWebSocketUrl.OriginalString,
            }));

    [Fact]
    public Task Messages_among_changes_of_the_groups_name_all_arrive_in_order_at_its_clients() =>
        SdkScript.RunAsync(Sdk.Newest, "node/renames.mjs", box.Network.Gateway, "agents");

    [Fact]
    public Task Twenty_of_its_clients_in_five_groups_write_at_once_and_everything_arrives_everywhere_once() =>
        SdkScript.RunAsync(Sdk.Newest, "load/chat.mjs", box.Network.Gateway, """{"agents":true,"members":0,"renames":0}""");

    [Fact]
    public Task Users_of_xmtp_cli_write_read_and_make_a_group() =>
        SdkScript.RunAsync(Sdk.Newest, "cli/xmtp.mjs", box.Network.Gateway);

    [Fact]
    public Task Users_of_convos_cli_invite_join_and_read_each_other() =>
        SdkScript.RunAsync(Sdk.Newest, "cli/convos.mjs", box.Network.Gateway);
}
