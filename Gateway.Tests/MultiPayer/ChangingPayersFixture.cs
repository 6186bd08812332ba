using System.Text.Json;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.Identity.Jwt;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A network whose gateway has one payer, "stays", in a mounted file that tests change while it runs.</summary>
public class ChangingPayersFixture : IAsyncLifetime
{
    public const byte SeedOfStays = 41;

    private DevNetwork? _network;
    private TokenIssuer? _issuer;

    public DevNetwork Network => _network ?? throw new InvalidOperationException("the network has not started");

    public TokenIssuer Issuer => _issuer ?? throw new InvalidOperationException("the issuer has not started");

    public CapturedLogs Logs { get; } = new();

    /// <summary>The gateway's clock, whose date tests move.</summary>
    public MovedDate Clock { get; } = new();

    internal PayersFileOnDisk File { get; } = new(isMounted: true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The members of a payer whose callers send a key of its name.</summary>
    public static string ByKey(string name, string more = "") =>
        $$"""{{more}} "callers": [{ "header": "x-api-key", "sha256": "{{PayersFileOnDisk.HashOf(KeyOf(name).Value)}}" }] """;

    /// <summary>The key that callers of a payer send.</summary>
    public static (string Name, string Value) KeyOf(string name) => ("x-api-key", $"key-of-{name}");

    public async Task<Answer> PublishAsync(ClientEnvelope envelope, params (string Name, string Value)[] headers)
    {
        using var client = new ProtocolClient(Network.Gateway, Form.Grpc);
        return await client.PublishAsync(Envelopes.Request(envelope), headers);
    }

    /// <summary>Waits until a call with a key ends with a status.</summary>
    public Task EndsWithAsync(StatusCode status, string payer, byte seed, params (string Name, string Value)[] more) =>
        Eventually.IsAsync(
            async () => (await PublishAsync(Envelopes.Welcome(seed), [KeyOf(payer), .. more])).Code == status,
            $"a caller of {payer} gets {status}");

    /// <summary>Checks that a payer signed an envelope for the node that accepted it.</summary>
    public void AssertSigned(Answer answer, byte seedOfPayer, ClientEnvelope sent) =>
        OriginatorProof.CheckAnswer(Network, answer, PayersFileOnDisk.SignerOf(seedOfPayer).Address, sent);

    /// <summary>The node that accepted the one envelope of a publish.</summary>
    public static uint NodeOf(Answer answer) => UnsignedOriginatorEnvelope.Parser.ParseFrom(
        Assert.Single(((PublishClientEnvelopesResponse)answer.Reply!).OriginatorEnvelopes).UnsignedOriginatorEnvelope).OriginatorNodeId;

    /// <summary>The levels of a payer's funds.</summary>
    public FundsOptions FundsOf(string payer) => PayerScopes.Of(Network.GatewayServices).Single(one => one.Name == payer)
        .Services.GetRequiredService<IOptions<FundsOptions>>().Value;

    public Task GiveGasAsync(byte seed) =>
        Network.Chain.SetBalanceAsync(PayersFileOnDisk.SignerOf(seed).Address, Wei.FromEther(100), Cancel);

    public async Task<string> GetAsync(string path)
    {
        using var http = new HttpClient { BaseAddress = Network.Metrics! };
        return await http.GetStringAsync(new Uri(path, UriKind.Relative), Cancel);
    }

    /// <summary>What the page of all payers says.</summary>
    public async Task<JsonElement> OverviewAsync() => JsonElement.Parse(await GetAsync("/debug/overview"));

    /// <summary>The payers that finish, by the page.</summary>
    public async Task<IReadOnlyList<string?>> LeavingAsync() =>
        [.. (await OverviewAsync()).GetProperty("leaving").EnumerateArray().Select(one => one.GetString())];

    /// <summary>Why the file is not in force, by the page.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync() =>
        [.. (await OverviewAsync()).GetProperty("file").GetProperty("faults").EnumerateArray().Select(one => one.GetString()!)];

    /// <summary>Waits until a fault of the file is on the page.</summary>
    public Task HasFaultAsync(string part) => Eventually.IsAsync(
        async () => (await FaultsAsync()).Any(fault => fault.Contains(part, StringComparison.Ordinal)), $"the page says {part}");

    /// <summary>The origin that a preflight allows; null for none.</summary>
    public async Task<string?> AllowedOriginAsync(string origin)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Options, new Uri(Network.Gateway, "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes"));
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        using var response = await http.SendAsync(request, Cancel);
        return response.Headers.TryGetValues("access-control-allow-origin", out var allowed) ? allowed.Single() : null;
    }

    /// <summary>Adds the payers with which the gateway starts.</summary>
    protected virtual void WritePayers() => File.With("stays", SeedOfStays, ByKey("stays"));

    public async ValueTask InitializeAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(TestLimit.Max);
        _issuer = await TokenIssuer.StartAsync();
        WritePayers();
        _network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                GatewayArguments = [.. File.Flags, "--api.cors-origins=none", "--log.log-level=info"],
                ConfigureGateway = gateway => gateway.UsePayerSigner("node", _ => NodeKey.Of(100))
                    .Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock)),
                ConfigureLogging = logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(Logs),
            },
            timeout.Token);
        await GiveGasAsync(SeedOfStays);
    }

    public async ValueTask DisposeAsync()
    {
        if (_network is not null) await _network.DisposeAsync();
        if (_issuer is not null) await _issuer.DisposeAsync();
        File.Dispose();
        GC.SuppressFinalize(this);
    }
}
