using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.Hosting;

public sealed class StartCheckTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private string Http => chain.Anvil.HttpUrl.ToString();

    private string WebSocket => chain.Anvil.WebSocketUrl.ToString();

    [Fact]
    public async Task Everything_right_starts()
    {
        await using var gateway = GatewayUnderTest.Build(
            Args($"--contracts.app-chain.wss-url={WebSocket}", $"--contracts.settlement-chain.wss-url={WebSocket}"));
        Assert.Empty(await gateway.FaultsAsync());
    }

    [Fact]
    public async Task All_that_is_wrong_with_both_chains_is_listed_at_once_beside_the_options_faults()
    {
        await using var gateway = GatewayUnderTest.Build(Args(
            "--contracts.app-chain.chain-id=5", $"--contracts.app-chain.wss-url={WebSocket}", "--api.port=x",
            "--contracts.settlement-chain.rate-registry-address=0x00000000000000000000000000000000000000bb",
            "--contracts.settlement-chain.payer-registry-address=0x00000000000000000000000000000000000000cc"));
        var faults = await gateway.FaultsAsync();
        string[] expected =
        [
            "--api.port (XMTPD_API_PORT): ",
            "--contracts.app-chain.rpc-url (XMTPD_APP_CHAIN_RPC_URL): http://127.0.0.1",
            "--contracts.app-chain.wss-url (XMTPD_APP_CHAIN_WSS_URL): ws://127.0.0.1",
            "--contracts.settlement-chain.rate-registry-address (XMTPD_SETTLEMENT_CHAIN_RATE_REGISTRY_ADDRESS): there is no contract at 0x",
            "--contracts.settlement-chain.payer-registry-address (XMTPD_SETTLEMENT_CHAIN_PAYER_REGISTRY_ADDRESS): there is no contract at",
        ];
        Assert.Equal(expected.Length, faults.Count);
        Assert.All(expected, begin => Assert.Contains(faults, fault => fault.StartsWith(begin, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_chain_that_does_not_answer_is_a_fault_without_the_credentials_of_its_URL()
    {
        await using var gateway = GatewayUnderTest.Build(
            Args(
                "--contracts.app-chain.rpc-url=http://user:secret@127.0.0.1:1/secret",
                "--contracts.app-chain.wss-url=ws://127.0.0.1:1/secret",
                "--contracts.start-timeout=50ms"));
        var faults = await gateway.FaultsAsync();
        Assert.Contains(
            faults,
            fault => fault.StartsWith(
                "--contracts.app-chain.rpc-url (XMTPD_APP_CHAIN_RPC_URL): http://127.0.0.1:1 cannot be used", StringComparison.Ordinal));
        Assert.Contains(
            faults,
            fault => fault.StartsWith(
                "--contracts.app-chain.wss-url (XMTPD_APP_CHAIN_WSS_URL): ws://127.0.0.1:1 cannot be used", StringComparison.Ordinal));
        Assert.DoesNotContain(faults, fault => fault.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(RpcFaultModes.Limits), MemberType = typeof(RpcFaultModes))]
    public async Task A_start_waits_for_limits_of_the_provider_to_end(string body)
    {
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        var asked = 0;
        // Nothing for a while, and then two of three.
        proxy.Reply = _ => Interlocked.Increment(ref asked) is var count && (count < 6 || count % 3 == 0) ? new RpcReply(429, body) : null;
        await using var gateway = GatewayUnderTest.Build(
            Args(
                $"--contracts.app-chain.rpc-url={proxy.Url}",
                $"--contracts.settlement-chain.rpc-url={proxy.Url}",
                "--contracts.start-timeout=3m"));

        Assert.Empty(await gateway.FaultsAsync());
        Assert.True(asked > 6);
    }

    [Fact]
    public async Task A_payer_key_that_is_a_node_s_is_refused()
    {
        await using var node = await DevNode.StartAsync(new DevNodeOptions { NodeId = 900 }, TestContext.Current.CancellationToken);
        await chain.Chain.RegisterNodeAsync(node.Id, node.PublicKey, node.Address, TestContext.Current.CancellationToken);
        await using var gateway = GatewayUnderTest.Build(Args(), after: builder => builder.UseSigner(NodeKey.Of(node.Id)));
        Assert.Contains($"{node.Signer} is the key of node 900", Assert.Single(await gateway.FaultsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_answers_starts_and_one_that_does_not_or_is_misspelt_is_a_fault_without_its_password()
    {
        await using var redis = await RedisServer.StartAsync();
        Assert.Empty(await FaultsAsync($"redis://127.0.0.1:{redis.Port}"));
        await redis.KillAsync();
        foreach (var url in new[]
        {
            $"redis://:hunter2@127.0.0.1:{redis.Port}",
            "redis://:hunter2@",
            "127.0.0.1,password=hunter2,nonsense=1",
        })
        {
            var fault = Assert.Single(await FaultsAsync(url));
            Assert.StartsWith("--redis.redis-url (XMTPD_REDIS_URL): ", fault, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nonces_that_a_later_release_stored_are_a_fault_with_an_explanation()
    {
        await using var redis = await RedisServer.StartAsync();
        await using (var connection = await redis.ConnectAsync())
        {
            var payer = PrivateKeySigner.TryParse(GatewayUnderTest.Key, out var key) ? key.Address : default;
            await connection.GetDatabase().HashSetAsync($"xmtpd:nonces:{{{new NonceStream(31337, payer)}}}", "@layout", "3");
        }

        var fault = Assert.Single(await FaultsAsync($"redis://127.0.0.1:{redis.Port}"));
        Assert.StartsWith(
            "--redis.redis-url (XMTPD_REDIS_URL): a later release of the gateway wrote the nonces there", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("results")]
    [InlineData("limits")]
    public async Task What_a_later_release_stored_is_a_fault_in_words_and_stays_as_it_is(string kind)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await redis.ConnectAsync();
        var store = connection.GetDatabase();
        Assert.Empty(await FaultsAsync($"redis://127.0.0.1:{redis.Port}"));
        Assert.Equal("1", (await store.HashGetAsync("xmtpd:layout", kind)).ToString());
        await store.HashSetAsync("xmtpd:layout", kind, "2");
        var fault = Assert.Single(await FaultsAsync($"redis://127.0.0.1:{redis.Port}"));
        Assert.StartsWith(
            $"--redis.redis-url (XMTPD_REDIS_URL): a later release of the gateway wrote the {kind} there", fault, StringComparison.Ordinal);
        Assert.Equal("2", (await store.HashGetAsync("xmtpd:layout", kind)).ToString());
    }

    [Fact]
    public async Task A_results_server_that_does_not_answer_or_that_a_later_release_wrote_to_is_a_fault_by_its_flag()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var results = await RedisServer.StartAsync();
        await using var connection = await results.ConnectAsync();
        string[] urls = [$"redis://127.0.0.1:{redis.Port}", "--redis.results-url", $"redis://127.0.0.1:{results.Port}"];
        Assert.Empty(await FaultsAsync(urls));
        await connection.GetDatabase().HashSetAsync("xmtpd:layout", "answers", "2");
        Assert.StartsWith(
            "--redis.results-url (XMTPD_REDIS_RESULTS_URL): a later release of the gateway wrote the answers there",
            Assert.Single(await FaultsAsync(urls)),
            StringComparison.Ordinal);
        await results.KillAsync();
        Assert.StartsWith(
            "--redis.results-url (XMTPD_REDIS_RESULTS_URL): the store does not answer",
            Assert.Single(await FaultsAsync(urls)),
            StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> FaultsAsync(params string[] redis)
    {
        await using var gateway = GatewayUnderTest.Build(Args(["--redis.redis-url", .. redis, "--redis.connect-timeout=1s"]));
        return await gateway.FaultsAsync();
    }

    private string[] Args(params string[] more) =>
    [
        .. GatewayUnderTest.Enough,
        $"--contracts.app-chain.rpc-url={Http}",
        $"--contracts.settlement-chain.rpc-url={Http}",
        "--contracts.start-timeout=15s",
        .. more,
    ];
}
