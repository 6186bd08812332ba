using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Doctor;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Tests.Authorization;
using Xmtp.Gateway.Tests.Identity.Jwt;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Doctor;

/// <summary>The doctor on a whole network, and on what is wrong with it.</summary>
public sealed class GatewayDoctorTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static readonly string Key = Convert.ToHexString(Envelopes.Id(32, 90));
    private static readonly PrivateKeySigner Payer = Payers.Signer(90);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_healthy_network_is_reported_with_what_the_funds_buy_and_exits_with_0()
    {
        await FundAsync(Payer, new Microdollars(100_000_000));
        var (exitCode, json) = await ExamineAsync();
        Assert.True(exitCode == 0, json.GetRawText());
        Assert.Equal("ok", json.GetProperty("status").GetString());
        var funds = json.GetProperty("funds");
        Assert.Equal(Payer.Address.ToString(), funds.GetProperty("payer").GetProperty("address").GetString());
        Assert.Equal("100000000", funds.GetProperty("payer").GetProperty("balanceMicrodollars").GetString());
        Assert.True(long.Parse(funds.GetProperty("payer").GetProperty("messagesOf1KB").GetString()!, null) > 1_000);
        Assert.True(long.Parse(funds.GetProperty("gas").GetProperty("commitsOf1KB").GetString()!, null) > 1_000);
        string[] looked =
        [
            "configuration", "payer key", "Redis", "App Chain rpc-url", "App Chain wss-url", "settlement chain rpc-url",
            "settlement chain wss-url", "rate-registry-address", "group messages pause", "nodes", "node 100", "rates",
            "payer balance", "gas", "who may publish", "prices for budgets", "ports", "token of the pages", "services of the rules",
        ];
        Assert.DoesNotContain("start", json.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString()));
        Assert.All(looked, name => Assert.Equal("ok", StatusOf(json, name)));
    }

    [Theory]
    [InlineData(
        "eth_sendRawTransaction",
        "",
        1,
        "fault",
        "takes no transactions: eth_sendRawTransaction: MethodNotFound (-32601) not served to you")]
    [InlineData("eth_getTransactionReceipt", "", 2, "warning", "not served to you; results are read from the logs")]
    [InlineData("eth_estimateGas", "", 2, "warning", "not served to you; each transaction offers the most gas")]
    [InlineData("eth_getTransactionCount", "pending", 2, "warning", "not served to you")]
    [InlineData("eth_getBlockByNumber", "0x0", 2, "warning", "not served to you")]
    public async Task A_request_that_the_endpoint_would_refuse_is_reported_with_its_text(
        string method, string parameter, int exitCode, string status, string words)
    {
        await FundAsync(Payer, new Microdollars(100_000_000));
        await using var proxy = await RpcProxy.StartAsync(box.Network.ChainUrl);
        proxy.Fault = (asked, parameters, forward) => asked == method
            && (parameter.Length == 0 || parameters.EnumerateArray().Any(one => one.ValueEquals(parameter)))
            ? RpcProxy.Error(-32601, "not served to you")
            : RpcProxy.Pass(forward);

        var (ended, json) = await ExamineAsync($"--contracts.app-chain.rpc-url={proxy.Url}");

        Assert.True(ended == exitCode, json.GetRawText());
        var finding = json.GetProperty("checks")
            .EnumerateArray()
            .First(one => one.GetProperty("name").GetString() == "App Chain publishing");
        Assert.Equal(status, finding.GetProperty("status").GetString());
        Assert.Contains(words, finding.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, -32000, "words that nobody has heard yet")]
    [InlineData(403, -32000, "words that nobody has heard yet")]
    [InlineData(200, -32000, "eth_sendRawTransaction is not available")]
    [InlineData(200, -32000, "the method is not supported")]
    [InlineData(200, -32600, "sending is not allowed")]
    [InlineData(200, -32000, "only for customers of the growth plan")]
    public async Task A_refusal_of_every_transaction_is_a_fault_whatever_its_text(int status, int code, string words)
    {
        await FundAsync(Payer, new Microdollars(100_000_000));
        await using var proxy = await RpcProxy.StartAsync(box.Network.ChainUrl);
        proxy.Reply = method => method == "eth_sendRawTransaction" ? new RpcReply(status, RpcFaultModes.Error(code, words)) : null;

        var (exitCode, json) = await ExamineAsync($"--contracts.app-chain.rpc-url={proxy.Url}");

        Assert.True(exitCode == 1, json.GetRawText());
        Assert.Contains(
            $"takes no transactions: eth_sendRawTransaction: Other ({code}) {words}", json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_says_the_same_to_people()
    {
        await FundAsync(Payer, new Microdollars(100_000_000));
        await using var output = new StringWriter();
        Assert.Equal(0, await GatewayDoctor.RunAsync(Args(), output));
        Assert.Contains("messages of 1 KB", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("0 faults, 0 warnings", output.ToString(), StringComparison.Ordinal);
        Assert.StartsWith($"payer {Payer.Address}", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_lists_faults_first_counts_each_once_and_names_unchecked_parts()
    {
        await FundAsync(Payer, new Microdollars(100_000_000));
        await using var output = new StringWriter();
        Assert.Equal(1, await GatewayDoctor.RunAsync(Args("--contracts.app-chain.rpc-url=http://127.0.0.1:1"), output));
        var lines = output.ToString().TrimEnd().Split(Environment.NewLine);
        string[] words = [.. lines.Skip(2).TakeWhile(line => line.Length > 0).Select(line => line[..11].TrimEnd())];
        Assert.Equal(words.OrderBy(word => Array.IndexOf(["fault", "warning", "not checked", "ok"], word)), words);
        Assert.Contains(lines, line => line.StartsWith("not checked  App Chain publishing", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("not checked  group-message-broadcaster-address", StringComparison.Ordinal));

        await using var one = new StringWriter();
        Assert.Equal(1, await GatewayDoctor.RunAsync(Args("--costs.max-message-price=1"), one));
        Assert.Contains("1 fault, 0 warnings, ", one.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_that_configuration_faults_leave_unchecked_are_named()
    {
        var (_, json) = await ExamineAsync("--api.port=x");
        Assert.Equal("not checked", StatusOf(json, "authorization"));
        Assert.Equal(Payer.Address.ToString(), json.GetProperty("payer").GetString());
    }

    [Fact]
    public async Task An_empty_fund_is_reported_with_how_to_fund_its_address()
    {
        var poor = Payers.Signer(93);
        var (_, json) = await ExamineAsync($"--payer.private-key={Convert.ToHexString(Envelopes.Id(32, 93))}");
        Assert.Contains("payer mint 100", DetailOf(json, "payer balance"), StringComparison.Ordinal);
        Assert.Contains(poor.Address.ToString(), DetailOf(json, "gas"), StringComparison.Ordinal);
        Assert.Contains("docs/operations.md, Funding the payer", DetailOf(json, "gas"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(84532UL, "https://testnet.fund.xmtp.org", "https://testnet.fund.xmtp.org")]
    [InlineData(8453UL, "send USDC and a little ETH to 0x", "https://docs.xmtp.org/fund-agents-apps/fund-your-app")]
    public void Each_public_network_has_its_way(ulong chain, string payer, string gas)
    {
        var contracts = new ContractsOptions();
        contracts.SettlementChain.ChainId = chain;
        var funding = new Funding(contracts, Payer.Address);
        Assert.Contains(payer, funding.Payer, StringComparison.Ordinal);
        Assert.Contains(Payer.Address.ToString(), funding.Payer, StringComparison.Ordinal);
        Assert.Contains(gas, funding.Gas, StringComparison.Ordinal);
        Assert.Contains(Payer.Address.ToString(), funding.Gas, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_fault_is_reported_by_name_exits_with_1_and_shows_no_secret()
    {
        await FundAsync(Payer, new Microdollars(100_000_000));
        (string Name, string[] Args)[] faults =
        [
            ("configuration", ["--api.port=x"]),
            ("configuration", ["--payer.private-key=not-a-secret-key"]),
            ("payer key", ["--payer.private-key=", "--payer.private-key-file=/no/such/secret-file"]),
            ("payer key", ["--payer.keystore-file=/no/such/secret-file", "--payer.keystore-password-file=/no/such/secret-file"]),
            ("App Chain rpc-url", ["--contracts.app-chain.chain-id=5"]),
            ("App Chain wss-url", ["--contracts.app-chain.wss-url=ws://user:secret@127.0.0.1:1/secret"]),
            ("settlement chain rpc-url", ["--contracts.settlement-chain.rpc-url=http://user:secret@127.0.0.1:1/secret"]),
            ("payer-registry-address", ["--contracts.settlement-chain.payer-registry-address=0x00000000000000000000000000000000000000cc"]),
            ("nodes", ["--contracts.settlement-chain.node-registry-address=0x00000000000000000000000000000000000000cc"]),
            ("rates", ["--costs.max-message-price=1"]),
            ("Redis", ["--redis.redis-url=redis://user:secret@127.0.0.1:1", "--redis.connect-timeout=100ms"]),
        ];
        foreach (var (name, args) in faults)
        {
            var (exitCode, json) = await ExamineAsync(args);
            Assert.True((exitCode, StatusOf(json, name)) == (1, "fault"), $"{name}: {json.GetRawText()}");
            Assert.Equal("fault", json.GetProperty("status").GetString());
            Assert.DoesNotContain("secret", json.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain(Key, json.GetRawText(), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task A_shared_store_that_evicts_is_a_warning_and_so_is_one_of_answers_that_does_not()
    {
        await FundAsync(Payer, new Microdollars(100_000_000));
        await using var shared = await RedisServer.StartAsync();
        await using var results = await RedisServer.StartAsync();
        foreach (var (redis, policy) in new[] { (shared, "volatile-ttl"), (results, "noeviction") })
        {
            await using var connection = await redis.ConnectAsync();
            await connection.GetServers().Single().ConfigSetAsync("maxmemory", "100mb");
            await connection.GetServers().Single().ConfigSetAsync("maxmemory-policy", policy);
        }

        var (exitCode, json) = await ExamineAsync(
            $"--redis.redis-url=redis://127.0.0.1:{shared.Port}", $"--redis.results-url=redis://127.0.0.1:{results.Port}");
        Assert.Equal(
            (2, "warning", "warning"),
            (exitCode, StatusOf(json, "Redis maxmemory-policy"), StatusOf(json, "Redis of results maxmemory-policy")));
    }

    [Fact]
    public async Task A_shared_store_that_takes_writes_when_it_is_cut_off_from_its_replicas_is_a_warning()
    {
        await FundAsync(Payer, new Microdollars(100_000_000));
        await using var master = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{master.Port}");
        await Eventually.IsAsync(
            async () => (await master.AskAsync("INFO", "replication")).Contains("state=online", StringComparison.Ordinal),
            "it has a replica");
        var url = $"--redis.redis-url=redis://127.0.0.1:{master.Port}";
        var (exitCode, json) = await ExamineAsync(url);
        Assert.Equal((2, "warning"), (exitCode, StatusOf(json, "Redis min-replicas-to-write")));

        await master.AskAsync("CONFIG", "SET", "min-replicas-to-write", "1");
        Assert.Null(StatusOf((await ExamineAsync(url)).Json, "Redis min-replicas-to-write"));
    }

    [Fact]
    public async Task Empty_funds_are_faults_that_name_the_addresses_and_low_ones_are_warnings_that_end_with_2()
    {
        var poor = Payers.Signer(91);
        string[] key = [$"--payer.private-key={Convert.ToHexString(Envelopes.Id(32, 91))}"];
        var (exitCode, json) = await ExamineAsync(key);
        Assert.Equal((1, "fault", "fault"), (exitCode, StatusOf(json, "payer balance"), StatusOf(json, "gas")));
        Assert.Contains(
            poor.Address.ToString(),
            json.GetProperty("checks")
                .EnumerateArray()
                .Single(check => check.GetProperty("name").GetString() == "gas")
                .GetProperty("detail")
                .GetString(),
            StringComparison.Ordinal);

        await FundAsync(poor, new Microdollars(2_000_000));
        (exitCode, json) = await ExamineAsync(key);
        Assert.Equal((2, "warning", "ok"), (exitCode, StatusOf(json, "payer balance"), StatusOf(json, "gas")));
        Assert.Equal("warning", json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Announced_rates_that_will_pause_spending_are_a_warning_before_they_do()
    {
        await FundAsync(Payer, new Microdollars(100_000_000));
        var start = (ulong)TimeProvider.System.GetUtcNow().AddDays(300).ToUnixTimeSeconds();
        var snapshot = (await box.Network.Chain.Rpc.AskAsync("evm_snapshot", [], value => value.GetString()!, Cancel)).OrThrow();
        await box.Network.Chain.AddRatesAsync(new Rates(10_000_000_000, 300_000, 1, 1, start), Cancel);
        var (exitCode, json) = await ExamineAsync();
        await box.Network.Chain.Rpc.AskAsync("evm_revert", [snapshot], value => value.GetBoolean(), Cancel);
        Assert.Equal((2, "warning"), (exitCode, StatusOf(json, "rates")));
    }

    [Fact]
    public async Task The_keys_of_tokens_are_looked_for()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        string[] tokens = [$"--auth.jwt.jwks-url={issuer.KeysUrl}", "--auth.jwt.issuer=*", "--auth.jwt.audience=*"];
        Assert.Equal("ok", StatusOf((await ExamineAsync(tokens)).Json, "token keys"));
        await issuer.GoAwayAsync();
        var (exitCode, json) = await ExamineAsync(tokens);
        Assert.Equal((1, "fault"), (exitCode, StatusOf(json, "token keys")));
    }

    [Fact]
    public async Task Tokens_are_enough_for_a_gateway_not_to_be_open()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        string[] real = ["--contracts.environment=", "--contracts.config-json", OpenGatewayTests.Deployment];
        Assert.Equal("warning", StatusOf((await ExamineAsync(real)).Json, "authorization"));
        var (_, json) = await ExamineAsync([
            .. real,
            $"--auth.jwt.jwks-url={issuer.KeysUrl}",
            "--auth.jwt.issuer=*",
            "--auth.jwt.audience=*",
        ]);
        Assert.Null(StatusOf(json, "authorization"));
    }

    private async Task FundAsync(PrivateKeySigner payer, Microdollars amount)
    {
        using var money = new Xmtp.Gateway.Costs.CostChainClients(Costs.RatesTests.Contracts(box.Network.ChainUrl), TimeProvider.System);
        var has = (await money.PayerRegistry.GetBalanceAsync(payer.Address, Cancel)).OrThrow();
        if (has < amount) await box.Network.Chain.DepositAsync(payer.Address, new Microdollars(amount.Value - has.Value), Cancel);
        await box.Network.Chain.SetBalanceAsync(payer.Address, Wei.FromEther(10), Cancel);
    }

    private async Task<(int ExitCode, JsonElement Json)> ExamineAsync(params string[] more)
    {
        await using var output = new StringWriter();
        var exitCode = await GatewayDoctor.RunAsync(["--json", .. Args(more)], output);
        return (exitCode, JsonDocument.Parse(output.ToString()).RootElement);
    }

    private string[] Args(params string[] more) =>
    [
        $"--payer.private-key={Key}", "--contracts.environment=anvil", "--contracts.start-timeout=3s",
        $"--contracts.app-chain.rpc-url={box.Network.ChainUrl}", $"--contracts.settlement-chain.rpc-url={box.Network.ChainUrl}",
        $"--contracts.app-chain.wss-url={box.Network.ChainWebSocketUrl}",
        $"--contracts.settlement-chain.wss-url={box.Network.ChainWebSocketUrl}",
        .. more,
    ];

    private static string DetailOf(JsonElement json, string name) => json.GetProperty("checks").EnumerateArray()
        .Single(check => check.GetProperty("name").GetString() == name)
        .GetProperty("detail").GetString()!;

    private static string? StatusOf(JsonElement json, string name) =>
        json.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("name").GetString() == name)
            .Select(check => check.GetProperty("status").GetString()).Max(StringComparer.Ordinal);
}
