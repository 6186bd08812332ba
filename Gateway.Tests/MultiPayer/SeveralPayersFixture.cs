using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.Identity.Jwt;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>
/// A network whose gateway has four payers: two by the tokens of two issuers, one by a key, and one without any money. Nodes check
/// balances, as real ones do.
/// </summary>
public sealed class SeveralPayersFixture : IAsyncLifetime
{
    public const string IssuerA = "https://a.example";
    public const string IssuerB = "https://b.example";
    public const string KeyOfC = "key-of-an-app-0123456789abcdef";

    private readonly PayersFileOnDisk _file = new();
    private DevNetwork? _network;
    private TokenIssuer? _issuerA;
    private TokenIssuer? _issuerB;

    public static IReadOnlyDictionary<string, byte> Seeds { get; } = new Dictionary<string, byte>
    {
        ["app-a"] = 11,
        ["app-b"] = 12,
        ["app-c"] = 13,
        ["dry"] = 14,
    };

    public DevNetwork Network => _network ?? throw new InvalidOperationException("the network has not started");

    public CapturedLogs Logs { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A token of the first issuer for an app of its users.</summary>
    public (string Name, string Value) TokenOfA(string app, string user = "alice") =>
        Bearer(_issuerA!.Token(user, issuer: IssuerA, more: [("app", app)]));

    /// <summary>A token of the second issuer.</summary>
    public (string Name, string Value) TokenOfB(string user = "alice", string issuer = IssuerB, string app = "b") =>
        Bearer(_issuerB!.Token(user, issuer: issuer, more: [("app", app)]));

    /// <summary>The key of the third payer.</summary>
    public static (string Name, string Value) KeyHeader => ("x-api-key", KeyOfC);

    public async Task<Answer> PublishAsync(ClientEnvelope envelope, params (string Name, string Value)[] headers)
    {
        using var client = new ProtocolClient(Network.Gateway, Form.Grpc);
        return await client.PublishAsync(Envelopes.Request(envelope), headers);
    }

    public async Task<ulong> NonceAsync(string payer) =>
        (await Network.Chain.Rpc.GetTransactionCountAsync(
            PayersFileOnDisk.SignerOf(Seeds[payer]).Address, BlockTag.Latest, Cancel)).OrThrow();

    public async ValueTask InitializeAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(TestLimit.Max);
        _issuerA = await TokenIssuer.StartAsync();
        _issuerB = await TokenIssuer.StartAsync();
        var hash = PayersFileOnDisk.HashOf(KeyOfC);
        _file.WithIssuer(IssuerA, _issuerA.KeysUrl, TokenIssuer.Audience).WithIssuer(IssuerB, _issuerB.KeysUrl, TokenIssuer.Audience)
            .With("app-a", Seeds["app-a"], $$""" "callers": [{ "issuer": "{{IssuerA}}", "claim": "app", "value": "a" }] """)
            .With("app-b", Seeds["app-b"], $$""" "limits": "3/1h", "callers": [{ "issuer": "{{IssuerB}}" }] """)
            .With(
                "app-c",
                Seeds["app-c"],
                $$""" "origins": ["https://c.example"], "callers": [{ "header": "X-Api-Key", "sha256": "{{hash}}" }] """)
            .With("dry", Seeds["dry"], $$""" "callers": [{ "issuer": "{{IssuerA}}", "claim": "app", "value": "dry" }] """);
        _network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                EnforceBalance = true,
                GatewayArguments = [.. _file.Flags, "--funds.refresh-interval=1s"],
                ConfigureLogging = logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(Logs),
            },
            timeout.Token);
        foreach (var seed in Seeds.Where(one => one.Key != "dry").Select(one => one.Value))
        {
            var address = PayersFileOnDisk.SignerOf(seed).Address;
            await _network.Chain.DepositAsync(address, new Microdollars(50_000_000), timeout.Token);
            await _network.Chain.SetBalanceAsync(address, Wei.FromEther(100), timeout.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_network is not null) await _network.DisposeAsync();
        if (_issuerA is not null) await _issuerA.DisposeAsync();
        if (_issuerB is not null) await _issuerB.DisposeAsync();
        _file.Dispose();
    }

    private static (string Name, string Value) Bearer(string token) => ("authorization", $"Bearer {token}");
}
