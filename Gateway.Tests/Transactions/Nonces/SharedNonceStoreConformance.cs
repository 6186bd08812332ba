using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.Transactions.Nonces;

/// <summary>What a store must do beyond the rest when replicas share it.</summary>
public abstract class SharedNonceStoreConformance : NonceStoreConformance, IAsyncLifetime
{
    private readonly ConnectedRedis _redis = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected IDatabase Redis => _redis.Database;

    protected abstract Task<ConnectionMultiplexer> ConnectAsync();

    protected override INonceStore NewReplica(NonceStoreOptions? options = null) =>
        NewReplica(StreamOf(31337, 1), options, TimeProvider.System);

    private RedisNonceStore NewReplica(NonceStream stream, NonceStoreOptions? options, TimeProvider time) =>
        new(Redis, _redis.Prefix, stream, options ?? Plain, time);

    public ValueTask InitializeAsync() => _redis.OpenAsync(ConnectAsync());

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _redis.DisposeAsync();
    }

    // The store's own clock decides, so the store's own clock is what is waited for.
    protected override async Task PassAsync(TimeSpan time)
    {
        var until = await StoreTimeAsync() + time;
        await Eventually.IsAsync(async () => await StoreTimeAsync() > until, "the time has passed");
    }

    private async Task<DateTimeOffset> StoreTimeAsync()
    {
        var parts = (RedisResult[])(await Redis.ExecuteAsync("TIME"))!;
        return DateTimeOffset.FromUnixTimeMilliseconds(
            (long.Parse(parts[0].ToString(), CultureInfo.InvariantCulture) * 1000)
                + (long.Parse(parts[1].ToString(), CultureInfo.InvariantCulture) / 1000));
    }

    [Fact]
    public async Task Two_payers_and_two_chains_on_one_store_never_meet()
    {
        foreach (var stream in new[] { StreamOf(31337, 1), StreamOf(31337, 2), StreamOf(31338, 1) })
        {
            var store = NewReplica(stream, Plain, TimeProvider.System);
            await store.OpenAsync(AtFive, [], Cancel);
            Assert.Equal([5UL], await TakeAsync(store, "a"));
        }
    }

    [Fact]
    public async Task Replicas_whose_clocks_differ_by_a_minute_get_different_nonces()
    {
        var late = NewReplica(StreamOf(31337, 1), Plain, new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50)));
        var early = NewReplica(StreamOf(31337, 1), Plain, new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50).AddMinutes(-1)));
        await late.OpenAsync(AtFive, [], Cancel);
        await early.OpenAsync(AtFive, [], Cancel);
        Assert.Equal([5UL], await TakeAsync(early, "a"));
        Assert.Equal([6UL], await TakeAsync(late, "b"));
        Assert.Equal([7UL], await TakeAsync(early, "c"));
    }

    [Fact]
    public async Task An_emptied_store_is_noticed_by_every_operation()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a");
        await EmptyAsync();
        Assert.Equal(NonceStoreStatus.Forgotten, (await store.ReserveAsync(new NonceRequest("b"), Cancel)).Status);
        Assert.Equal(NonceStoreStatus.Forgotten, await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel));
        Assert.Equal(NonceStoreStatus.Forgotten, (await store.RenewAsync([(5, "a")], Cancel)).Status);
        Assert.Equal(NonceStoreStatus.Forgotten, (await store.ListAsync(Cancel)).Status);
    }

    [Fact]
    public async Task A_replica_detects_an_emptied_store_that_another_one_opened_again()
    {
        var (one, other) = (await OpenedAsync(), await OpenedAsync());
        await TakeAsync(one, "a");
        await EmptyAsync();
        await other.OpenAsync(AtFive, [], Cancel);
        Assert.Equal(NonceStoreStatus.Forgotten, (await one.RenewAsync([(5, "a")], Cancel)).Status);
    }

    [Fact]
    public async Task An_emptied_store_offers_nothing_until_replicas_had_time_to_enter_theirs()
    {
        var options = Plain with { Settling = TimeSpan.FromSeconds(2) };
        var store = NewReplica(options);
        await store.OpenAsync(AtFive, [], Cancel);
        Assert.Equal(NonceStoreStatus.Settling, (await store.ReserveAsync(new NonceRequest("a"), Cancel)).Status);
        await PassAsync(options.Settling);
        Assert.Equal([5UL], await TakeAsync(store, "a"));
    }

    [Theory]
    [InlineData("not an entry")]
    [InlineData("s|gone")]
    [InlineData("q|gone|1|1|")]
    [InlineData("b|gone|1|1|P:what,Z")]
    public async Task An_entry_that_cannot_be_read_is_taken_over_and_stops_no_other(string entry)
    {
        var store = await OpenedAsync(options: ShortLeases);
        await TakeAsync(store, "a", 2);
        await store.SignAsync(6, "a", Version(1), new byte[] { 1 }, Cancel);
        await Redis.HashSetAsync(BookKey, "5", entry);
        Assert.Equal([7UL], await TakeAsync(store, "b"));
        Assert.Equal([5UL, 6UL, 7UL], (await store.ListAsync(Cancel)).Entries.Select(listed => listed.Nonce));
        await PassAsync(ShortLeases.Lease);
        var adopted = (await store.AdoptAsync("successor", 10, Cancel)).Entries;
        Assert.Equal([5UL, 6UL], adopted.Select(taken => taken.Nonce));
        Assert.Empty(adopted[0].Attempts);
        Assert.Equal(
            NonceStoreStatus.Done, await store.SignAsync(5, "successor", Version(2, AttemptKind.Cancellation), new byte[] { 2 }, Cancel));
        Assert.Equal(NonceStoreStatus.Done, await store.FinishAsync(5, "successor", isKept: false, Cancel));
    }

    [Fact]
    public async Task What_a_later_release_wrote_is_not_changed()
    {
        await OpenedAsync();
        Assert.Equal("2", (await Redis.HashGetAsync(BookKey, "@layout")).ToString());
        await Redis.HashSetAsync(BookKey, "@layout", "99");
        var before = await Redis.HashGetAllAsync(BookKey);
        Assert.Equal(NonceStoreStatus.Newer, await NewReplica(Plain).OpenAsync(At(9, chain: 2), [], Cancel));
        Assert.Equal(before.ToHashSet(), (await Redis.HashGetAllAsync(BookKey)).ToHashSet());
    }

    [Fact]
    public async Task What_the_release_before_wrote_is_read()
    {
        var (genesis, first, second) = (Hash(1), Hash(7), Hash(8));
        await Redis.HashSetAsync(BookKey, [
            new("@epoch", "0f"),
            new("@genesis", genesis.ToString()),
            new("@floor", "5"),
            new("@first", "5"),
            new("@pending", "5"),
            new("@ready", "0"),
            new("5", $"b|gone|1|1|P:{first}:2000000000:1000000000,F:{second}:3000000000:1500000000"),
            new("6", "r|gone|1|1|"),
            new("7", $"x||1|1|P:{first}:2000000000:1000000000")]);
        await Redis.HashSetAsync(RawKey, [new("5", new byte[] { 1, 2, 3 })]);
        var store = await OpenedAsync();
        var adopted = Assert.Single((await store.AdoptAsync("successor", 10, Cancel)).Entries);
        Assert.Equal([1, 2, 3], adopted.Raw.ToArray());
        Assert.Equal(
            [
                new TransactionAttempt(first, AttemptKind.Payload, Wei.FromGwei(2), Wei.FromGwei(1)),
                new TransactionAttempt(second, AttemptKind.Cancellation, Wei.FromGwei(3), new Wei(1_500_000_000)),
            ],
            adopted.Attempts);
        Assert.Equal([6UL, 7UL], await TakeAsync(store, "b", 2));
    }

    private RedisKey BookKey => $"{_redis.Prefix}nonces:{{{StreamOf(31337, 1)}}}";

    private RedisKey RawKey => $"{_redis.Prefix}transactions:{{{StreamOf(31337, 1)}}}";

    private async Task EmptyAsync()
    {
        var server = _redis.Connection.GetServers()[0];
        await foreach (var key in server.KeysAsync(pattern: _redis.Prefix + "*")) await Redis.KeyDeleteAsync(key);
    }
}
