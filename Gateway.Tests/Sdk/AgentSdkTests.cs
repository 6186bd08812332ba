using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>The agent SDK and the command-line clients that people install, against a whole local network.</summary>
[Collection(nameof(SdkCollection))]
public sealed class AgentSdkTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    [Fact]
    public Task An_agent_answers_and_after_a_restart_answers_again_as_the_same_installation() =>
        SdkScript.RunAsync(Sdk.Newest, "agent/agent.mjs", box.Network.Gateway);

    [Fact]
    public Task Users_of_xmtp_cli_write_read_and_make_a_group() =>
        SdkScript.RunAsync(Sdk.Newest, "cli/xmtp.mjs", box.Network.Gateway);

    [Fact]
    public Task Users_of_convos_cli_invite_join_and_read_each_other() =>
        SdkScript.RunAsync(Sdk.Newest, "cli/convos.mjs", box.Network.Gateway);
}
