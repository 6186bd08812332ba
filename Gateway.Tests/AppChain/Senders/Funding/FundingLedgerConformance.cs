using StackExchange.Redis;
using Xmtp.Gateway.AppChain.Senders.Funding;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain.Senders.Funding;

/// <summary>What every record of transfers to senders does.</summary>
public abstract class FundingLedgerConformance
{
    private protected static readonly NonceStoreOptions Options = new()
    {
        Lease = TimeSpan.FromSeconds(3),
        StoreTimeout = TimeSpan.FromSeconds(30),
    };

    private static readonly EthereumAddress A = Payers.Signer(1).Address, B = Payers.Signer(2).Address, C = Payers.Signer(4).Address;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract IFundingLedger New();

    private protected static FundingRequest Request(EthereumAddress sender, ulong amount, string owner = "one") =>
        new(owner, sender, amount, MinAmount: 30, MaxPerDay: 100);

    [Fact]
    public async Task One_replica_at_a_time_has_the_lease_until_it_releases_it_or_it_ends()
    {
        var ledger = New();
        Assert.Equal(FundingStatus.Done, await ledger.TakeAsync("one", Cancel));
        Assert.Equal(FundingStatus.Done, await ledger.TakeAsync("one", Cancel));
        Assert.Equal(FundingStatus.Busy, await ledger.TakeAsync("two", Cancel));
        Assert.Equal(FundingStatus.Busy, (await ledger.SpendAsync(Request(A, 40, "two"), Cancel)).Status);
        await ledger.ReleaseAsync("two");
        Assert.Equal(FundingStatus.Busy, await ledger.TakeAsync("two", Cancel));
        await ledger.ReleaseAsync("one");
        Assert.Equal(FundingStatus.Busy, (await ledger.SpendAsync(Request(A, 40), Cancel)).Status);
        Assert.Equal(FundingStatus.Done, await ledger.TakeAsync("two", Cancel));

        await Eventually.IsAsync(async () => await ledger.TakeAsync("three", Cancel) == FundingStatus.Done, "the lease has ended");
        Assert.Equal(FundingStatus.Busy, (await ledger.SpendAsync(Request(A, 40, "two"), Cancel)).Status);
    }

    [Fact]
    public async Task No_more_than_the_amount_of_a_day_is_granted_and_no_less_than_is_worth_a_transfer()
    {
        var ledger = New();
        await ledger.TakeAsync("one", Cancel);
        Assert.Equal(0ul, await ledger.ReadAsync(Cancel));
        var first = await ledger.SpendAsync(Request(A, 60), Cancel);
        Assert.Equal((FundingStatus.Done, 60ul, 60ul), (first.Status, first.Amount, first.Spent));
        var rest = await ledger.SpendAsync(Request(B, 60), Cancel);
        Assert.Equal((FundingStatus.Done, 40ul, 100ul), (rest.Status, rest.Amount, rest.Spent));
        Assert.Equal(FundingStatus.Capped, (await ledger.SpendAsync(Request(C, 30), Cancel)).Status);
        Assert.Equal(100ul, await ledger.ReadAsync(Cancel));

        Assert.True(await ledger.RefundAsync(rest, B));
        Assert.Equal(60ul, await ledger.ReadAsync(Cancel));
        Assert.Equal(FundingStatus.Capped, (await ledger.SpendAsync(Request(B, 60) with { MinAmount = 41 }, Cancel)).Status);
        Assert.Equal(40ul, (await ledger.SpendAsync(Request(B, 60), Cancel)).Amount);
    }

    [Fact]
    public async Task A_sender_that_got_gas_a_moment_ago_gets_none_unless_nothing_was_sent()
    {
        var ledger = New();
        await ledger.TakeAsync("one", Cancel);
        var grant = await ledger.SpendAsync(Request(A, 30), Cancel);
        Assert.Equal(FundingStatus.Recent, (await ledger.SpendAsync(Request(A, 30), Cancel)).Status);
        Assert.Equal(FundingStatus.Done, (await ledger.SpendAsync(Request(B, 30), Cancel)).Status);
        await ledger.RefundAsync(grant, A);
        Assert.Equal(FundingStatus.Done, (await ledger.SpendAsync(Request(A, 30), Cancel)).Status);
    }

    [Fact]
    public async Task An_amount_of_an_earlier_day_is_not_taken_back_from_this_one()
    {
        var ledger = New();
        await ledger.TakeAsync("one", Cancel);
        var grant = await ledger.SpendAsync(Request(A, 50), Cancel);
        await ledger.RefundAsync(grant with { Day = grant.Day - 1 }, A);
        Assert.Equal(50ul, await ledger.ReadAsync(Cancel));
    }
}

public sealed class MemoryFundingLedgerTests : FundingLedgerConformance
{
    private readonly MovedClock _clock = new();

    private protected override IFundingLedger New() => new MemoryFundingLedger(Options.Lease, _clock);

    [Fact]
    public async Task A_day_begins_at_midnight_in_UTC()
    {
        var ledger = New();
        await ledger.TakeAsync("one", Cancel);
        var grant = await ledger.SpendAsync(Request(Payers.Signer(1).Address, 100), Cancel);
        var now = _clock.GetUtcNow();
        _clock.Move(now.Date.AddDays(1) - now.UtcDateTime);
        Assert.Equal(0ul, await ledger.ReadAsync(Cancel));
        await ledger.TakeAsync("one", Cancel);
        var next = await ledger.SpendAsync(Request(Payers.Signer(2).Address, 100), Cancel);
        Assert.Equal((FundingStatus.Done, 100ul, grant.Day + 1), (next.Status, next.Amount, next.Day));
    }
}

/// <summary>The same in Redis, where replicas share it and a restart keeps it.</summary>
public abstract class SharedFundingLedgerConformance : FundingLedgerConformance, IAsyncLifetime
{
    private readonly ConnectedRedis _redis = new();

    private protected abstract Task<ConnectionMultiplexer> ConnectAsync();

    public ValueTask InitializeAsync() => _redis.OpenAsync(ConnectAsync());

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _redis.DisposeAsync();
    }

    private protected override IFundingLedger New() => new RedisFundingLedger(
        _redis.ConnectAsync, _redis.Prefix, new NonceStream(31337, Payers.Signer(3).Address), Options, TimeProvider.System);

    [Fact]
    public async Task Replicas_and_later_processes_share_the_amount_of_the_day()
    {
        var (one, two) = (New(), New());
        await one.TakeAsync("one", Cancel);
        await one.SpendAsync(Request(Payers.Signer(1).Address, 80), Cancel);
        await one.ReleaseAsync("one");
        await two.TakeAsync("two", Cancel);
        Assert.Equal(80ul, await two.ReadAsync(Cancel));
        Assert.Equal(FundingStatus.Capped, (await two.SpendAsync(Request(Payers.Signer(2).Address, 80, "two"), Cancel)).Status);
    }

    [Fact]
    public async Task The_day_before_counts_nothing()
    {
        var ledger = New();
        await ledger.TakeAsync("one", Cancel);
        var grant = await ledger.SpendAsync(Request(Payers.Signer(1).Address, 100), Cancel);
        var key = $"{_redis.Prefix}funding:{{{new NonceStream(31337, Payers.Signer(3).Address)}}}";
        await _redis.Database.HashSetAsync(key, "day", grant.Day - 1);

        Assert.Equal(0ul, await ledger.ReadAsync(Cancel));
        Assert.Equal(100ul, (await ledger.SpendAsync(Request(Payers.Signer(2).Address, 100), Cancel)).Spent);
    }
}

public sealed class RedisFundingLedgerTests(RedisServerFixture redis) : SharedFundingLedgerConformance, IClassFixture<RedisServerFixture>
{
    private protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();

    [Fact]
    public async Task A_store_that_does_not_answer_grants_nothing()
    {
        await using var unavailable = await ConnectionMultiplexer.ConnectAsync(
            new ConfigurationOptions
            {
                EndPoints = { { "127.0.0.1", RedisServer.FreePort() } },
                AbortOnConnectFail = false,
                BacklogPolicy = BacklogPolicy.FailFast,
                ConnectTimeout = 100,
            });
        var ledger = new RedisFundingLedger(
            () => Task.FromResult<IDatabaseAsync>(unavailable.GetDatabase()),
            "none:",
            new NonceStream(31337, Payers.Signer(3).Address),
            Options,
            TimeProvider.System);

        Assert.Null(await ledger.ReadAsync(Cancel));
        Assert.Equal(FundingStatus.Unavailable, await ledger.TakeAsync("one", Cancel));
        Assert.Equal(FundingStatus.Unavailable, (await ledger.SpendAsync(Request(Payers.Signer(1).Address, 40), Cancel)).Status);
        Assert.False(await ledger.RefundAsync(FundingGrant.Unavailable, Payers.Signer(1).Address));
    }
}

public sealed class GarnetFundingLedgerTests(GarnetInProcess garnet) : SharedFundingLedgerConformance, IClassFixture<GarnetInProcess>
{
    private protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}
