using StackExchange.Redis;
using Xmtp.Gateway.AppChain.InFlight;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain.InFlight;

/// <summary>The record of the accounts that had transactions in flight lately.</summary>
public abstract class AccountsInFlightConformance : IAsyncLifetime
{
    private static readonly EthereumAddress A = Payers.Signer(1).Address, B = Payers.Signer(2).Address;

    private readonly ConnectedRedis _redis = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract Task<ConnectionMultiplexer> ConnectAsync();

    public ValueTask InitializeAsync() => _redis.OpenAsync(ConnectAsync());

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _redis.DisposeAsync();
    }

    private string Key => $"{_redis.Prefix}in-flight:31337";

    [Fact]
    public async Task Replicas_see_each_others_accounts_until_these_are_taken_out()
    {
        var (one, two) = (New(), New());
        one.Enter(A);
        two.Enter(B);
        await HasAsync(one, A, B);

        var listed = (await one.ListAsync(Cancel))!;
        Assert.All(listed, account => Assert.InRange(account.Age, TimeSpan.Zero, TimeSpan.FromMinutes(5)));
        await two.LeaveAsync([listed.Single(account => account.Address == A)], Cancel);
        await HasAsync(one, B);
    }

    [Fact]
    public async Task An_account_that_was_entered_again_is_not_taken_out()
    {
        var accounts = New();
        await _redis.Database.HashSetAsync(Key, NameOf(A), 1_000_000);
        var old = Assert.Single((await accounts.ListAsync(Cancel))!);
        Assert.True(old.Age > AccountsInFlight.Kept);

        New().Enter(A);
        await Eventually.IsAsync(
            async () => (await accounts.ListAsync(Cancel))!.Single().Age < AccountsInFlight.Kept, "it is entered again");
        await accounts.LeaveAsync([old], Cancel);

        await HasAsync(accounts, A);
    }

    [Fact]
    public async Task An_account_is_entered_before_its_transaction_is_stored()
    {
        var accounts = New();
        var store = new RedisNonceStore(
            () => _redis.Database,
            _redis.Prefix,
            new NonceStream(31337, A),
            new NonceStoreOptions { StoreTimeout = TimeSpan.FromSeconds(30), Settling = TimeSpan.FromMilliseconds(50) },
            TimeProvider.System,
            () => accounts.Enter(A));
        await store.OpenAsync(new ChainPosition(default, 0, 0), [], Cancel);
        var reserved = NonceReservation.None(NonceStoreStatus.Settling);
        await Eventually.IsAsync(
            async () => (reserved = await store.ReserveAsync(new NonceRequest("me"), Cancel)).Status == NonceStoreStatus.Done,
            "a nonce is reserved");
        await HasAsync(accounts);

        var attempt = new TransactionAttempt(Bytes32.Parse($"0x{new string('1', 64)}"), AttemptKind.Payload, new Wei(2), new Wei(1));
        await store.SignAsync(reserved.Nonces[0], "me", attempt, new byte[] { 1 }, Cancel);

        Assert.Equal(A, Assert.Single((await accounts.ListAsync(Cancel))!).Address);
    }

    private AccountsInFlight New() => new(_redis.ConnectAsync, _redis.Prefix, 31337, TimeSpan.FromSeconds(30), TimeProvider.System);

    private static string NameOf(EthereumAddress account) => $"0x{Convert.ToHexStringLower(account.Bytes)}";

    private static Task HasAsync(AccountsInFlight accounts, params EthereumAddress[] expected) => Eventually.IsAsync(
        async () => (await accounts.ListAsync(Cancel))!.Select(one => one.Address).ToHashSet().SetEquals(expected),
        $"{expected.Length} accounts are entered");
}

public sealed class RedisAccountsInFlightTests(RedisServerFixture redis)
    : AccountsInFlightConformance, IClassFixture<RedisServerFixture>
{
    private protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();

    [Fact]
    public async Task A_store_that_does_not_answer_has_no_list()
    {
        await using var killed = await RedisServer.StartAsync();
        await using var connection = await killed.ConnectAsync();
        var accounts = new AccountsInFlight(
            () => Task.FromResult<IDatabaseAsync>(connection.GetDatabase()), "test:", 31337, TimeSpan.FromSeconds(1), TimeProvider.System);
        await killed.KillAsync();

        Assert.Null(await accounts.ListAsync(TestContext.Current.CancellationToken));
    }
}

public sealed class GarnetAccountsInFlightTests(GarnetInProcess garnet) : AccountsInFlightConformance, IClassFixture<GarnetInProcess>
{
    private protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}
