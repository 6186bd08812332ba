extern alias SampleUserFunded;

using Microsoft.Extensions.DependencyInjection;
using SampleUserFunded::Xmtp.Gateway.Samples.UserFunded;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.Identity.Jwt;
using Xmtp.Gateway.Tests.MultiPayer;
using Xmtp.Gateway.Tests.Samples;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>
/// A network whose nodes check balances, with a gateway of several payers in a mounted file: "a" and "b" by the tokens of their issuers,
/// and "app", whose users pay with wallets of their own, for which a signing service signs. "c" comes later.
/// </summary>
public sealed class SeveralPayersSdkFixture : DevNetFixture, IAsyncLifetime
{
    private const string IssuerA = "https://a.example";
    private const string IssuerB = "https://b.example";
    private static readonly Microdollars Deposit = new(50_000_000);

    private readonly PrivateKeySigner[] _users = [Payers.Signer(91), Payers.Signer(92)];
    private readonly PayersFileOnDisk _file = new(isMounted: true);
    private TokenIssuer? _issuer;
    private TokenIssuer? _other;
    private WalletSigningService? _signing;
    private byte _reports;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected override DevNetOptions Options => new()
    {
        EnforceBalance = true,
        GatewayArguments = _file.Flags,
        ConfigureGateway = UseUsers,
    };

    /// <summary>The clients of a payer of the file, two users of it.</summary>
    internal PayersClients Start(string payer)
    {
        var wallet = WalletOf(payer);
        var tokens = new[] { "alix", "bo" }.Select(user => payer switch
        {
            "a" => Token(_issuer!, IssuerA, user),
            _ => Token(_other!, IssuerB, user, ("app", payer)),
        });
        return PayersClients.Start(Network.Gateway, payer, [.. tokens], wallet.Address, [wallet.Address, wallet.Address], payer == "c");
    }

    /// <summary>Two users who pay with their own wallets.</summary>
    internal PayersClients StartUsers() => PayersClients.Start(
        Network.Gateway,
        "app",
        [.. _users.Select((wallet, i) =>
            Token(_issuer!, UsersOrRules.Login, $"user{i}", ("wallet", Convert.ToHexStringLower(wallet.PublicKey.Span))))],
        WalletOf("app").Address,
        [.. _users.Select(wallet => wallet.Address)]);

    /// <summary>Adds the payer "c" to the file, with money.</summary>
    public async Task AddAsync()
    {
        await FundAsync("c");
        Add("c", """{ "issuer": "https://b.example", "claim": "app", "value": "c" }""");
    }

    /// <summary>Takes a payer out of the file.</summary>
    public void Remove(string payer) => _file.Without(payer);

    /// <summary>Gives a payer money for messages, and gas.</summary>
    public async Task FundAsync(string payer)
    {
        await Network.Chain.DepositAsync(WalletOf(payer).Address, Deposit, Cancel);
        await Network.Chain.SetBalanceAsync(WalletOf(payer).Address, Wei.FromEther(100), Cancel);
    }

    /// <summary>Takes all its money, and its gas.</summary>
    public async Task DrainAsync(string payer)
    {
        var wallet = WalletOf(payer).Address;
        var registry = new PayerRegistryContract(Network.Chain.Rpc, ChainAddresses.PayerRegistry);
        var balance = (await registry.GetBalanceAsync(wallet, Cancel)).OrThrow();
        await Network.Chain.SettleUsageAsync(new Bytes32(Envelopes.Id(32, ++_reports)), [(wallet, balance)], Cancel);
        await Network.Chain.SetBalanceAsync(wallet, default, Cancel);
    }

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        _issuer = await TokenIssuer.StartAsync();
        _other = await TokenIssuer.StartAsync();
        _signing = await WalletSigningService.StartAsync(_users);
        _file.WithIssuer(IssuerA, _issuer.KeysUrl, TokenIssuer.Audience).WithIssuer(IssuerB, _other.KeysUrl, TokenIssuer.Audience)
            .WithIssuer(UsersOrRules.Login, _issuer.KeysUrl, TokenIssuer.Audience);
        Add("a", """{ "issuer": "https://a.example" }""");
        Add("b", """{ "issuer": "https://b.example", "claim": "app", "value": "b" }""");
        Add("app", "");
        await InitializeAsync();
        foreach (var payer in new[] { "a", "b", "app" }) await FundAsync(payer);
        foreach (var user in _users) await Network.Chain.DepositAsync(user.Address, Deposit, Cancel);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        if (_signing is not null) await _signing.DisposeAsync();
        if (_other is not null) await _other.DisposeAsync();
        if (_issuer is not null) await _issuer.DisposeAsync();
        _file.Dispose();
    }

    private static PrivateKeySigner WalletOf(string payer) => PayersFileOnDisk.SignerOf(SeedOf(payer));

    private static byte SeedOf(string payer) => payer switch { "a" => 61, "b" => 62, "c" => 63, _ => 64 };

    private static string Token(TokenIssuer login, string issuer, string user, params (string, object)[] claims) =>
        login.Token(user, lasts: TimeSpan.FromHours(1), issuer: issuer, more: claims);

    private void Add(string payer, string callers) => _file.With(payer, SeedOf(payer), $"\"callers\": [{callers}]");

    // The signing service has long enough, whatever else the machine does.
    private void UseUsers(XmtpGatewayBuilder gateway) => gateway.UsePayerSelector<UsersOrRules>().Services
        .AddSingleton(new UserFundedOptions(
            _signing!.Url, "secret", TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5), AppPaysForOthers: false, new Microdollars(10_000)))
        .AddSingleton<SigningService>().AddSingleton<SigningQueue>().AddSingleton<UserBalances>().AddSingleton<UsersPay>()
        .AddHostedService(services => services.GetRequiredService<SigningQueue>());
}
