using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.Identity.Jwt;
using Xmtp.Gateway.Tests.MultiPayer;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Samples;

/// <summary>A network whose nodes check balances, the login of an app with the claim of samples/UserFunded, and its payers file.</summary>
public sealed class UserFundedFixture : DevNetFixture, IAsyncLifetime
{
    private const byte AppSeed = 51;

    /// <summary>More messages than the app's budget for one user is enough for.</summary>
    public const int MoreThanTheBudget = 12;

    private readonly PayersFileOnDisk _file = new();
    private TokenIssuer? _issuer;

    /// <summary>The app's wallet.</summary>
    public static PrivateKeySigner App { get; } = PayersFileOnDisk.SignerOf(AppSeed);

    /// <summary>What the sample needs besides the signing service: it has long enough, and messages alone cost something.</summary>
    public (string Name, string Value)[] Variables =>
    [
        ("XMTPD_PAYERS_FILE", _file.Path),
        ("XMTPD_COSTS_GAS_COIN_PRICE", "0"),
        ("SIGNER_TOKEN", "secret"),
        ("SIGNER_TIMEOUT", "00:05:00"),
    ];

    protected override DevNetOptions Options => new() { EnforceBalance = true };

    /// <summary>A token of the app's login, for a user with this wallet or none.</summary>
    public (string Name, string Value) TokenOf(string user, PrivateKeySigner? wallet)
    {
        (string, object)[] claims = wallet is null ? [] : [("wallet", Convert.ToHexStringLower(wallet.PublicKey.Span))];
        return ("authorization", $"Bearer {_issuer!.Token(user, more: claims)}");
    }

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        _issuer = await TokenIssuer.StartAsync();
        _file.WithIssuer(TokenIssuer.Name, _issuer.KeysUrl, TokenIssuer.Audience)
            .With("app", AppSeed, """ "budgets": "0.00005/day" """);
        await Network.Chain.DepositAsync(App.Address, new Microdollars(50_000_000), TestContext.Current.CancellationToken);
        await Network.Chain.SetBalanceAsync(App.Address, Wei.FromEther(100), TestContext.Current.CancellationToken);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        if (_issuer is not null) await _issuer.DisposeAsync();
        await DisposeAsync();
        _file.Dispose();
    }
}
