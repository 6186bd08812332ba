using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Grpc.Net.Client;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Samples;

/// <summary>The agent with the gateway inside, as readers start it, on the local network.</summary>
public sealed partial class AgentTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_a_message_through_its_own_gateway_and_ends_with_the_program()
    {
        await using var agent = Start(("CHAIN_RPC_URL", box.Network.ChainUrl.ToString()), ("XMTPD_API_PORT", "none"));
        var gateway = Gateway().Match((await agent.ReadUntilAsync(line => Gateway().IsMatch(line)))[^1]).Groups[1].Value;
        var address = Convert.FromHexString(Address().Match((await agent.ReadUntilAsync(Address().IsMatch))[^1]).Groups[1].Value);

        var me = RandomNumberGenerator.GetBytes(32);
        using (var client = new GatewayClient(box.Network.Gateway, Speaks.Grpc)) await client.PublishAsync(Message(me, address, "hello"));
        await Eventually.IsAsync(async () => await ReadAsync(me) == "you said: hello", "the agent answers");
        using (var client = new GatewayClient(new Uri(gateway), Speaks.ConnectJson))
            Assert.Equal(2, (await client.GetNodesAsync()).Nodes.Count);

        await agent.SignalAsync("TERM");
        Assert.Equal(0, await agent.WaitAsync());
        Assert.Contains("published 1 messages for $0.000", agent.Output, StringComparison.Ordinal);
        Assert.Empty(agent.Errors);
    }

    [Fact]
    public async Task Without_a_usable_key_it_says_so_in_one_line_and_nothing_keeps_running()
    {
        await using var agent = Start(("CHAIN_RPC_URL", box.Network.ChainUrl.ToString()), ("PAYER_PRIVATE_KEY", "0x12"));
        Assert.Equal(2, await agent.WaitAsync());
        Assert.StartsWith("The gateway cannot start: PayerPrivateKey: ", agent.Errors, StringComparison.Ordinal);
        Assert.Single(agent.Errors.Trim().Split('\n'));
    }

    private static TestProcess Start(params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Sample.Agent.dll")]);
        foreach (var (name, value) in variables) start.Environment[name] = value;
        return TestProcess.Start(start);
    }

    private static ClientEnvelope Message(byte[] sender, byte[] receiver, string text) => new()
    {
        Aad = new AuthenticatedData { TargetTopic = TopicOf(receiver) },
        WelcomeMessage = new WelcomeMessageInput
        {
            V1 = new WelcomeMessageInput.Types.V1
            {
                InstallationKey = ByteString.CopyFrom(receiver),
                Data = ByteString.CopyFrom([.. sender, .. Encoding.UTF8.GetBytes(text)]),
            },
        },
    };

    // What a node has for a receiver, without the sender's key; null while it has nothing.
    private async Task<string?> ReadAsync(byte[] receiver)
    {
        using var node = GrpcChannel.ForAddress(box.Network.Nodes[0].Address);
        var found = await new QueryApi.QueryApiClient(node).QueryEnvelopesAsync(
            new QueryEnvelopesRequest { Query = new EnvelopesQuery { Topics = { TopicOf(receiver) } } }, cancellationToken: Cancel);
        if (found.Envelopes is not [var envelope]) return null;
        var payer = UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope).PayerEnvelopeBytes;
        var client = ClientEnvelope.Parser.ParseFrom(PayerEnvelope.Parser.ParseFrom(payer).UnsignedClientEnvelope);
        return Encoding.UTF8.GetString(client.WelcomeMessage.V1.Data.Span[32..]);
    }

    private static ByteString TopicOf(byte[] key) => ByteString.CopyFrom([(byte)TopicKind.WelcomeMessages, .. key]);

    [GeneratedRegex(@"the gateway is at (http://127\.0\.0\.1:\d+)/, and 0x[0-9a-fA-F]{40} pays")]
    private static partial Regex Gateway();

    [GeneratedRegex("the agent answers what is sent to ([0-9a-f]{64})")]
    private static partial Regex Address();
}
