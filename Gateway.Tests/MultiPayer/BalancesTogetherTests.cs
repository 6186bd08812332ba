using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Tests.AppChain;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>What a gateway with several payers asks of both chains for their balances, and what it shows.</summary>
public sealed class BalancesTogetherTests : ProxiedChain
{
    private const byte First = 61, Count = 6;

    private readonly MovedClock _clock = new();
    private bool _isRefused;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Balances_of_all_payers_are_one_call_a_chain_and_are_right_while_it_is_refused()
    {
        using var file = new PayersFileOnDisk();
        for (byte seed = First; seed < First + Count; seed++) file.With($"p{seed}", seed, ChangingPayersFixture.ByKey($"p{seed}"));
        await using var settlement = await RpcProxy.StartAsync(Node.HttpUrl);
        var (ofApp, ofSettlement) = (new Reads(this), new Reads(this));
        Proxy.Fault = ofApp.AnswerAsync;
        settlement.Fault = ofSettlement.AnswerAsync;
        await using var gateway = await StartAsync(file, settlement);
        using var http = MetricsOf(gateway);

        await GiveAsync(http, 3);
        // Until no balance counts as changed lately.
        _clock.Move(TimeSpan.FromMinutes(6));
        foreach (var reads in new[] { ofApp, ofSettlement }) await reads.AreTogetherAsync();
        await GiveAsync(http, 5);

        Volatile.Write(ref _isRefused, true);
        await Eventually.IsAsync(() => Refused(gateway).Count == 2, "each chain has failed a call");
        await GiveAsync(http, 7);
        Assert.Equal(["App Chain", "settlement chain"], Refused(gateway).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Balances_of_the_senders_of_one_payer_are_one_call()
    {
        byte[] senders = [71, 72, 73, 74];
        using var file = new PayersFileOnDisk();
        file.With("p61", First, file.Senders(senders) + ChangingPayersFixture.ByKey("p61"));
        var ofApp = new Reads(this);
        Proxy.Fault = ofApp.AnswerAsync;
        await using var settlement = await RpcProxy.StartAsync(Node.HttpUrl);
        foreach (var seed in senders) await Chain.SetBalanceAsync(PayersFileOnDisk.SignerOf(seed).Address, Wei.FromGwei(seed), Cancel);
        await using var gateway = await StartAsync(file, settlement);
        using var http = MetricsOf(gateway);

        await ofApp.AreTogetherAsync();
        foreach (var seed in senders)
        {
            var sender = PayersFileOnDisk.SignerOf(seed).Address;
            await ShowsAsync(http, [$"xmtp_gateway_sender_gas_balance_gwei{{payer=\"p61\",sender=\"{sender}\"}} {seed}"]);
        }
    }

    private static HttpClient MetricsOf(GatewayUnderTest gateway) =>
        new() { BaseAddress = new Uri($"http://{gateway.App.Services.GetRequiredService<GatewayAddresses>().Metrics}") };

    // The chains of the lines that say that a call was refused.
    private static List<string> Refused(GatewayUnderTest gateway) =>
        [.. gateway.Logs.Lines.Where(line => line.Contains("failed a call of Multicall3", StringComparison.Ordinal))
            .Select(line => line.Split("] the ")[1].Split(" failed")[0])];

    private async Task<GatewayUnderTest> StartAsync(PayersFileOnDisk file, RpcProxy settlement)
    {
        await Chain.AddNodeAsync(100, NodeKey.Of(100).PublicKey, "http://127.0.0.1:1", Cancel);
        await Chain.AddToNetworkAsync(100, Cancel);
        var gateway = GatewayUnderTest.Build(
            [
                .. GatewayUnderTest.Enough[2..], .. file.Flags, "--funds.refresh-interval=1s", "--contracts.start-timeout=1m",
                $"--contracts.app-chain.rpc-url={Proxy.Url}", $"--contracts.settlement-chain.rpc-url={settlement.Url}",
                "--metrics.enable", "--metrics.metrics-port=0",
            ],
            before: builder => builder.Services.AddSingleton<TimeProvider>(_clock));
        Assert.Empty(await gateway.FaultsAsync());
        return gateway;
    }

    // Gives each payer a balance and gas of its own, and waits until both are shown.
    private async Task GiveAsync(HttpClient http, uint factor)
    {
        var registry = new PayerRegistryContract(Node.Rpc, ChainAddresses.PayerRegistry);
        var expected = new List<string>();
        for (byte seed = First; seed < First + Count; seed++)
        {
            var (payer, amount) = (PayersFileOnDisk.SignerOf(seed).Address, factor * (ulong)seed);
            await Chain.SetBalanceAsync(payer, Wei.FromGwei(amount), Cancel);
            await Chain.DepositAsync(payer, new Microdollars((long)amount), Cancel);
            var balance = (await registry.GetBalanceAsync(payer, Cancel)).OrThrow();
            expected.Add(Line("gas_balance_gwei", seed, amount.ToString(CultureInfo.InvariantCulture)));
            expected.Add(Line("payer_balance_microdollars", seed, balance.Value.ToString(CultureInfo.InvariantCulture)));
        }

        await ShowsAsync(http, expected);
    }

    private static Task ShowsAsync(HttpClient http, List<string> expected) => Eventually.IsAsync(
        async () =>
        {
            var shown = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);
            return expected.TrueForAll(line => shown.Contains(line, StringComparison.Ordinal));
        },
        $"{string.Join(", ", expected)} is shown");

    private static string Line(string metric, byte seed, string value) => $"xmtp_gateway_{metric}{{payer=\"p{seed}\"}} {value}";

    /// <summary>How balances of a chain were read.</summary>
    private sealed class Reads(BalancesTogetherTests test)
    {
        private int _together;
        private int _alone;

        public Task<string?> AnswerAsync(string method, JsonElement parameters, Func<Task<string>> forward)
        {
            if (method == "eth_getBalance" || RpcFaultModes.IsCallOf(ChainAddresses.PayerRegistry, method, parameters))
                Interlocked.Increment(ref _alone);
            if (!RpcFaultModes.IsCallOf(Multicall3Contract.Address, method, parameters)) return RpcProxy.Pass(forward);
            Interlocked.Increment(ref _together);
            return Volatile.Read(ref test._isRefused)
                ? RpcProxy.Error(-32000, "gas required exceeds allowance (50000000)")
                : RpcProxy.Pass(forward);
        }

        /// <summary>Waits for three rounds in a row without a balance that was read by itself, as on a busy machine some are.</summary>
        public Task AreTogetherAsync()
        {
            var (together, alone) = (0, -1);
            return Eventually.IsAsync(
                () =>
                {
                    var (togetherNow, aloneNow) = (Volatile.Read(ref _together), Volatile.Read(ref _alone));
                    if (aloneNow != alone) (together, alone) = (togetherNow, aloneNow);
                    return togetherNow >= together + 3;
                },
                "balances are read together");
        }
    }
}
