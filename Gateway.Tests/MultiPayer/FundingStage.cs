using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A local chain, and gateways with a payer that keeps up the gas of its senders; nobody has gas at first.</summary>
internal sealed class FundingStage : IAsyncDisposable
{
    public const byte Payer = 70, First = 71, Second = 72, PayerOfOther = 73, SenderOfOther = 74;

    /// <summary>The level, and what a sender gets up to, in gwei.</summary>
    public const ulong Below = 2_000_000, To = 10_000_000;

    private readonly PayersFileOnDisk _file = new();
    private DevNetwork? _network;

    private FundingStage()
    {
    }

    public DevNetwork Network => _network!;

    public CapturedLogs Logs { get; } = new();

    /// <summary>The key of the callers.</summary>
    public static (string Name, string Value) Caller => ("x-api-key", "key-of-a");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts the chain, and a gateway on it.</summary>
    /// <param name="maxPerDay">The most of a day, in coins.</param>
    /// <param name="senders">The seeds of the payer's senders.</param>
    /// <param name="refresh">How often funds are read.</param>
    /// <param name="redis">What the gateways share; null for nothing.</param>
    /// <param name="hasGateway">Whether the chain's own gateway has these payers; otherwise only replicas have them.</param>
    /// <param name="more">More flags of all gateways.</param>
    public static async Task<FundingStage> StartAsync(
        string maxPerDay,
        byte[] senders,
        string refresh = "1s",
        RedisServer? redis = null,
        bool hasGateway = true,
        params string[] more)
    {
        var stage = new FundingStage();
        stage._file.With("app-a", Payer, stage.Members(senders, FundSenders("0.01", maxPerDay)));
        stage._file.With("app-b", PayerOfOther, $$"""
            {{stage._file.Senders(SenderOfOther)}} "callers": [{ "header": "x-api-key", "sha256": "{{PayersFileOnDisk.HashOf("b")}}" }]
            """);
        string[] shared = redis is null ? [] : [$"--redis.redis-url=redis://127.0.0.1:{redis.Port}"];
        stage.Flags = [.. stage._file.Flags, $"--funds.refresh-interval={refresh}", .. shared, .. more];
        stage._network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                GatewayArguments = hasGateway ? stage.Flags : [],
                ConfigureLogging = logging => logging.AddProvider(stage.Logs),
            },
            Cancel);
        return stage;
    }

    /// <summary>The flags of all gateways.</summary>
    public IReadOnlyList<string> Flags { get; private set; } = [];

    /// <summary>The member <c>fundSenders</c>, with the level of all tests.</summary>
    public static string FundSenders(string to, string maxPerDay) =>
        $$""" "fundSenders": { "below": "0.002", "to": "{{to}}", "maxPerDay": "{{maxPerDay}}" }, """;

    /// <summary>Changes the payers file: the payer has the same senders, and this of their gas.</summary>
    public void Change(byte[] senders, string fundSenders) => _file.Changed("app-a", Payer, Members(senders, fundSenders));

    /// <summary>Starts another gateway as a process.</summary>
    /// <param name="until">What it says in its log once it is waited for no longer.</param>
    /// <param name="appChain">Its endpoint of the App Chain; null for the chain itself.</param>
    public async Task<GatewayProcess> StartReplicaAsync(string until, Uri? appChain = null)
    {
        var gateway = GatewayProcess.Start(
        [
            $"--api.port={RedisServer.FreePort()}", "--api.http-port=-1", "--api.bind-address=127.0.0.1", "--contracts.environment=anvil",
            $"--contracts.app-chain.rpc-url={appChain ?? Network.ChainUrl}", $"--contracts.settlement-chain.rpc-url={Network.ChainUrl}",
            "--contracts.start-timeout=2m", .. Flags,
        ]);
        await gateway.ReadUntilAsync(until);
        return gateway;
    }

    public Task GiveAsync(byte seed, ulong gwei) => Network.Chain.SetBalanceAsync(AddressOf(seed), Wei.FromGwei(gwei), Cancel);

    /// <summary>The balance of an account in wei.</summary>
    public async Task<Wei> BalanceAsync(byte seed) =>
        (await Network.Chain.Rpc.GetBalanceAsync(AddressOf(seed), BlockTag.Latest, Cancel)).OrThrow();

    /// <summary>How many transactions of an account are mined.</summary>
    public async Task<ulong> CountAsync(byte seed) =>
        (await Network.Chain.Rpc.GetTransactionCountAsync(AddressOf(seed), BlockTag.Latest, Cancel)).OrThrow();

    public Task HasAsync(byte seed, ulong gwei) =>
        Eventually.IsAsync(async () => await BalanceAsync(seed) == Wei.FromGwei(gwei), $"the account {seed} has {gwei} gwei");

    /// <summary>The value of a metric of the stage's own gateway, by parts of its line; null for none.</summary>
    public async Task<string?> MetricAsync(string name, params string[] labels)
    {
        using var http = new HttpClient { BaseAddress = Network.Metrics! };
        var lines = (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel)).Split('\n');
        var line = lines.FirstOrDefault(one => one.StartsWith(name + "{", StringComparison.Ordinal)
            && labels.All(label => one.Contains(label, StringComparison.Ordinal)));
        return line?[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0];
    }

    public Task MeasuresAsync(string value, string name, params string[] labels) =>
        Eventually.IsAsync(async () => await MetricAsync(name, labels) == value, $"{name} is {value}");

    public static EthereumAddress AddressOf(byte seed) => PayersFileOnDisk.SignerOf(seed).Address;

    /// <summary>The label of a sender.</summary>
    public static string LabelOf(byte seed) => $"sender=\"{AddressOf(seed)}\"";

    private string Members(byte[] senders, string fundSenders) => $$"""
        {{_file.Senders(senders)}} {{fundSenders}}
        "callers": [{ "header": "x-api-key", "sha256": "{{PayersFileOnDisk.HashOf(Caller.Value)}}" }]
        """;

    public async ValueTask DisposeAsync()
    {
        if (_network is not null) await _network.DisposeAsync();
        _file.Dispose();
    }
}
