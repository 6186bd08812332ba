using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.Transactions.Nonces;

/// <summary>What every store of the store must do. A store adds a class that says how to make replicas and how to let leases end.</summary>
public abstract class NonceStoreConformance
{
    protected static readonly ChainPosition AtFive = At(5);

    // A busy machine answers late.
    private static readonly TimeSpan Answers = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Another process's view of the same store. Options of one test are the same for all its replicas.</summary>
    protected abstract INonceStore NewReplica(NonceStoreOptions? options = null);

    /// <summary>Lets every lease of these options end, and no longer.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    /// <summary>Short enough to wait for by a real store's clock.</summary>
    protected static NonceStoreOptions ShortLeases { get; } = new()
    {
        Lease = TimeSpan.FromMilliseconds(100),
        Settling = TimeSpan.Zero,
        StoreTimeout = Answers,
        ReorgTimeout = TimeSpan.FromMilliseconds(100),
    };

    protected static NonceStoreOptions Plain { get; } = new() { Settling = TimeSpan.Zero, StoreTimeout = Answers };

    protected static ChainPosition At(ulong mined, ulong? pending = null, byte chain = 1) => new(Hash(chain), mined, pending ?? mined);

    protected static Bytes32 Hash(byte value) => new([.. Enumerable.Repeat(value, 32)]);

    protected static TransactionAttempt Version(byte hash, AttemptKind kind = AttemptKind.Payload) =>
        new(Hash(hash), kind, Wei.FromGwei(2), Wei.FromGwei(1));

    protected static NonceStream StreamOf(ulong chain, byte account) =>
        new(chain, new EthereumAddress([.. Enumerable.Repeat(account, 20)]));

    protected async Task<INonceStore> OpenedAsync(ChainPosition? at = null, NonceStoreOptions? options = null)
    {
        var store = NewReplica(options ?? Plain);
        Assert.Equal(NonceStoreStatus.Done, await store.OpenAsync(at ?? AtFive, [], Cancel));
        return store;
    }

    protected static async Task<IReadOnlyList<ulong>> TakeAsync(INonceStore store, string owner, int count = 1, ulong? above = null)
    {
        var reservation = await store.ReserveAsync(new NonceRequest(owner, count, above), Cancel);
        return reservation.Status == NonceStoreStatus.Done
            ? reservation.Nonces
            : throw new InvalidOperationException(reservation.Status.ToString());
    }

    [Fact]
    public async Task A_store_that_was_not_opened_offers_nothing()
    {
        var reservation = await NewReplica(Plain).ReserveAsync(new NonceRequest("a"), Cancel);
        Assert.Equal(NonceStoreStatus.Forgotten, reservation.Status);
    }

    [Fact]
    public async Task Nonces_begin_where_the_mempool_ends_and_go_up_one_by_one()
    {
        var store = await OpenedAsync(At(5, pending: 7));
        Assert.Equal([7UL], await TakeAsync(store, "a"));
        Assert.Equal([8UL, 9UL, 10UL], await TakeAsync(store, "b", 3));
    }

    [Fact]
    public async Task A_request_that_is_repeated_gets_the_same_nonces()
    {
        var store = await OpenedAsync();
        Assert.Equal([5UL, 6UL], await TakeAsync(store, "a", 2));
        Assert.Equal([5UL, 6UL], await TakeAsync(store, "a", 2));
        Assert.Equal([7UL], await TakeAsync(store, "b"));
    }

    [Fact]
    public async Task What_is_released_is_offered_first_again()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a");
        await TakeAsync(store, "b");
        Assert.Equal(NonceStoreStatus.Done, await store.ReleaseAsync(5, "a", Cancel));
        Assert.Equal([5UL, 7UL], await TakeAsync(store, "c", 2));
    }

    [Fact]
    public async Task A_caller_that_keeps_an_order_is_given_nonces_above_its_last()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a");
        await TakeAsync(store, "b");
        await store.ReleaseAsync(5, "a", Cancel);
        Assert.Equal([7UL], await TakeAsync(store, "c", above: 6));
    }

    [Fact]
    public async Task The_cap_holds_for_all_replicas_together()
    {
        var options = Plain with { MaxInFlight = 4 };
        var one = await OpenedAsync(options: options);
        var other = await OpenedAsync(options: options);
        Assert.Equal(3, (await TakeAsync(one, "a", 3)).Count);
        Assert.Equal([8UL], await TakeAsync(other, "b", 3));
        Assert.Equal(NonceStoreStatus.Full, (await one.ReserveAsync(new NonceRequest("c"), Cancel)).Status);
        await other.ReleaseAsync(8, "b", Cancel);
        Assert.Equal([8UL], await TakeAsync(one, "c"));
    }

    [Fact]
    public async Task What_the_chain_has_used_does_not_count_as_in_flight_and_stays_until_it_is_finished()
    {
        var options = Plain with { MaxInFlight = 2 };
        var store = await OpenedAsync(options: options);
        await TakeAsync(store, "a", 2);
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        await store.SignAsync(6, "a", Version(2), new byte[] { 2 }, Cancel);
        Assert.Equal(NonceStoreStatus.Full, (await store.ReserveAsync(new NonceRequest("b"), Cancel)).Status);
        await store.ObserveAsync(AtFive with { Mined = 7, Pending = 7 }, Cancel);
        Assert.Equal([7UL, 8UL], await TakeAsync(store, "b", 3));
        Assert.Equal([5UL, 6UL, 7UL, 8UL], (await store.ListAsync(Cancel)).Entries.Select(entry => entry.Nonce));
        await store.FinishAsync(5, "a", isKept: false, Cancel);
        await store.FinishAsync(6, "a", isKept: false, Cancel);
        Assert.Equal([7UL, 8UL], (await store.ListAsync(Cancel)).Entries.Select(entry => entry.Nonce));
    }

    [Fact]
    public async Task Concurrent_replicas_never_get_the_same_nonce()
    {
        INonceStore[] replicas = [await OpenedAsync(), await OpenedAsync(), await OpenedAsync()];
        var taken = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => TakeAsync(replicas[i % 3], $"owner{i}")));
        Assert.Equal(Enumerable.Range(5, 30).Select(n => (ulong)n), taken.SelectMany(n => n).Order());
    }

    [Fact]
    public async Task A_signed_nonce_is_not_released_and_never_offered_again_even_after_its_lease()
    {
        var store = await OpenedAsync(options: ShortLeases);
        await TakeAsync(store, "a");
        Assert.Equal(NonceStoreStatus.Done, await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel));
        Assert.Equal(NonceStoreStatus.NotOwner, await store.ReleaseAsync(5, "a", Cancel));
        await PassAsync(ShortLeases.Lease);
        Assert.Equal([6UL], await TakeAsync(store, "b"));
    }

    [Fact]
    public async Task A_reserved_nonce_is_offered_again_when_its_lease_ended_and_its_old_owner_cannot_sign()
    {
        var store = await OpenedAsync(options: ShortLeases);
        await TakeAsync(store, "a");
        await PassAsync(ShortLeases.Lease);
        Assert.Equal([5UL], await TakeAsync(store, "b"));
        Assert.Equal(NonceStoreStatus.NotOwner, await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel));
        Assert.Equal(NonceStoreStatus.Done, await store.SignAsync(5, "b", Version(2), new byte[] { 2 }, Cancel));
    }

    [Fact]
    public async Task A_renewed_lease_continues_and_a_lost_one_is_reported()
    {
        var options = ShortLeases with { Lease = TimeSpan.FromSeconds(5) };
        var store = await OpenedAsync(options: options);
        await TakeAsync(store, "a");
        await PassAsync(TimeSpan.FromSeconds(3));
        var answer = await store.RenewAsync([(5, "a"), (6, "b")], Cancel);
        Assert.Equal(NonceStoreStatus.Done, answer.Status);
        Assert.Equal([6UL], answer.Lost);
        await PassAsync(TimeSpan.FromSeconds(3));
        Assert.Equal([6UL], await TakeAsync(store, "c"));
    }

    [Fact]
    public async Task Signing_twice_the_same_is_once_and_a_replacement_is_remembered_beside_the_first()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a");
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        await store.BroadcastAsync(5, "a", Cancel);
        await store.SignAsync(5, "a", Version(2, AttemptKind.Cancellation), new byte[] { 2 }, Cancel);
        var entry = Assert.Single((await store.ListAsync(Cancel)).Entries);
        Assert.Equal(NonceState.Broadcast, entry.State);
        Assert.Equal([Version(1), Version(2, AttemptKind.Cancellation)], entry.Attempts);
    }

    [Fact]
    public async Task A_refused_transaction_frees_its_nonce_and_its_hash_is_remembered()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a");
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        Assert.Equal(NonceStoreStatus.Done, await store.RefuseAsync(5, "a", Cancel));
        Assert.Equal([5UL], await TakeAsync(store, "b"));
        Assert.Equal([Version(1)], Assert.Single((await store.ListAsync(Cancel)).Entries).Attempts);
    }

    [Fact]
    public async Task A_takeover_of_a_nonce_returns_all_its_transactions_and_its_payload()
    {
        var store = await OpenedAsync(options: ShortLeases);
        var payload = Hash(77);
        TransactionAttempt[] attempts =
        [
            Version(1) with { PayloadKey = payload },
            Version(2) with { PayloadKey = payload },
            Version(3, AttemptKind.Cancellation) with { PayloadKey = payload },
        ];
        await TakeAsync(store, "a");
        for (byte i = 0; i < attempts.Length; i++)
            Assert.Equal(NonceStoreStatus.Done, await store.SignAsync(5, "a", attempts[i], new[] { i }, Cancel));
        await PassAsync(ShortLeases.Lease);
        var adopted = Assert.Single((await store.AdoptAsync("successor", 10, Cancel)).Entries);
        Assert.Equal(attempts, adopted.Attempts);
        Assert.Equal([2], adopted.Raw.ToArray());
    }

    [Fact]
    public async Task A_payload_that_may_be_mined_at_one_nonce_is_not_signed_at_another()
    {
        var store = await OpenedAsync();
        var (payload, another) = (Hash(77), Hash(78));
        await TakeAsync(store, "a");
        await TakeAsync(store, "b");
        Assert.Equal(
            NonceStoreStatus.Done, await store.SignAsync(5, "a", Version(1) with { PayloadKey = payload }, new byte[] { 1 }, Cancel));
        Assert.Equal(
            NonceStoreStatus.Done,
            await store.SignAsync(5, "a", Version(2, AttemptKind.Cancellation) with { PayloadKey = payload }, new byte[] { 2 }, Cancel));
        Assert.Equal(
            NonceStoreStatus.PayloadPending,
            await store.SignAsync(6, "b", Version(3) with { PayloadKey = payload }, new byte[] { 3 }, Cancel));
        Assert.Equal(NonceState.Reserved, (await store.ListAsync(Cancel)).Entries.Single(entry => entry.Nonce == 6).State);
        Assert.Equal(
            NonceStoreStatus.Done, await store.SignAsync(6, "b", Version(4) with { PayloadKey = another }, new byte[] { 4 }, Cancel));
        await TakeAsync(store, "c");
        await store.FinishAsync(5, "a", isKept: false, Cancel);
        Assert.Equal(
            NonceStoreStatus.Done, await store.SignAsync(7, "c", Version(5) with { PayloadKey = payload }, new byte[] { 5 }, Cancel));
    }

    [Fact]
    public async Task A_refused_transaction_that_is_signed_again_is_stored_again()
    {
        var store = await OpenedAsync(options: ShortLeases);
        await TakeAsync(store, "a");
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        await store.RefuseAsync(5, "a", Cancel);
        await TakeAsync(store, "b");
        Assert.Equal(NonceStoreStatus.Done, await store.SignAsync(5, "b", Version(1), new byte[] { 1 }, Cancel));
        await PassAsync(ShortLeases.Lease);
        Assert.Equal([6UL], await TakeAsync(store, "c"));
        var adopted = Assert.Single((await store.AdoptAsync("successor", 10, Cancel)).Entries);
        Assert.Equal([Version(1)], adopted.Attempts);
        Assert.Equal([1], adopted.Raw.ToArray());
    }

    [Fact]
    public async Task A_transaction_that_an_endpoint_took_cannot_be_refused()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a");
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        await store.BroadcastAsync(5, "a", Cancel);
        Assert.Equal(NonceStoreStatus.NotOwner, await store.RefuseAsync(5, "a", Cancel));
    }

    [Fact]
    public async Task A_refusal_whose_answer_was_lost_is_done_when_it_is_made_again()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a");
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        await store.RefuseAsync(5, "a", Cancel);
        Assert.Equal(NonceStoreStatus.Done, await store.RefuseAsync(5, "a", Cancel));
    }

    [Fact]
    public async Task A_refusal_releases_a_nonce_without_owner_and_not_one_that_is_owned_or_used()
    {
        var store = await OpenedAsync();
        Assert.Equal(NonceStoreStatus.Done, await store.RefuseAsync(5, "a", Cancel));
        await TakeAsync(store, "b");
        Assert.Equal(NonceStoreStatus.NotOwner, await store.RefuseAsync(5, "a", Cancel));
        await store.SignAsync(5, "b", Version(1), new byte[] { 1 }, Cancel);
        Assert.Equal(NonceStoreStatus.NotOwner, await store.RefuseAsync(5, "a", Cancel));
        await store.FinishAsync(5, "b", isKept: true, Cancel);
        Assert.Equal(NonceStoreStatus.NotOwner, await store.RefuseAsync(5, "a", Cancel));
    }

    [Fact]
    public async Task A_mined_nonce_leaves_the_store_and_is_not_restored_by_a_lagging_endpoint()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a");
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        await store.FinishAsync(5, "a", isKept: false, Cancel);
        await store.ObserveAsync(At(5), Cancel);
        Assert.Empty((await store.ListAsync(Cancel)).Entries);
        Assert.Equal([6UL], await TakeAsync(store, "b"));
    }

    [Fact]
    public async Task What_is_below_the_chain_is_dropped_unless_it_was_signed()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a", 2);
        await store.SignAsync(6, "a", Version(1), new byte[] { 1 }, Cancel);
        await store.ObserveAsync(At(8), Cancel);
        Assert.Equal(6UL, Assert.Single((await store.ListAsync(Cancel)).Entries).Nonce);
        Assert.Equal(NonceStoreStatus.Used, await store.SignAsync(5, "a", Version(2), new byte[] { 2 }, Cancel));
        Assert.Equal([8UL], await TakeAsync(store, "b"));
    }

    [Fact]
    public async Task Nonces_that_someone_else_used_are_counted()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a");
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        Assert.Equal(2, (await store.ObserveAsync(At(8), Cancel)).Unaccounted);
        Assert.Equal(0, (await store.ObserveAsync(At(8), Cancel)).Unaccounted);
    }

    [Fact]
    public async Task What_someone_else_has_in_the_mempool_is_passed_over_while_it_is_there()
    {
        var store = await OpenedAsync();
        await store.ObserveAsync(At(5, pending: 7), Cancel);
        Assert.Equal([7UL], await TakeAsync(store, "a"));
        await store.ObserveAsync(At(5, pending: 5), Cancel);
        Assert.Equal([5UL], await TakeAsync(store, "b"));
    }

    [Fact]
    public async Task A_chain_that_stays_behind_is_followed_back_after_the_timeout()
    {
        var store = await OpenedAsync(At(9), ShortLeases);
        Assert.False((await store.ObserveAsync(At(7), Cancel)).WentBack);
        await PassAsync(ShortLeases.ReorgTimeout);
        Assert.True((await store.ObserveAsync(At(7), Cancel)).WentBack);
        Assert.Equal([7UL], await TakeAsync(store, "a"));
    }

    [Fact]
    public async Task Kept_mined_transactions_are_listed_while_the_chain_does_not_count_them_and_adopted_when_restored()
    {
        var keepTwo = Plain with { MaxMinedKept = 2 };
        var store = await OpenedAsync(options: keepTwo);
        await MineAsync(store, count: 5, isKept: nonce => nonce != 9);
        Assert.Empty((await store.ObserveAsync(At(10), Cancel)).Removed);
        Assert.Equal([8UL], (await store.ObserveAsync(At(6), Cancel)).Removed.Select(entry => entry.Nonce));

        var other = await OpenedAsync(options: keepTwo);
        Assert.Equal((NonceStoreStatus.Done, 0), Read(await other.RestoreAsync(9, Cancel)));
        Assert.Equal((NonceStoreStatus.Done, 1), Read(await other.RestoreAsync(6, Cancel)));
        Assert.Equal((NonceStoreStatus.Done, 0), Read(await store.RestoreAsync(6, Cancel)));
        var restored = Assert.Single((await store.AdoptAsync("successor", 10, Cancel)).Entries);
        Assert.Equal((8UL, Version(8)), (restored.Nonce, Assert.Single(restored.Attempts)));
        Assert.Equal([8, (byte)'|', 0, 255, (byte)'|'], restored.Raw.ToArray());
        Assert.Equal([10UL], await TakeAsync(store, "b"));
    }

    [Fact]
    public async Task A_nonce_that_is_finished_twice_keeps_its_transaction()
    {
        var store = await OpenedAsync();
        await MineAsync(store, count: 1, isKept: _ => true);
        await store.FinishAsync(5, "a", isKept: true, Cancel);
        await store.FinishAsync(5, "a", isKept: false, Cancel);
        Assert.Equal([5UL], (await store.ObserveAsync(At(5), Cancel)).Removed.Select(entry => entry.Nonce));
    }

    [Fact]
    public async Task A_transaction_that_another_process_took_over_stays_when_its_former_process_finds_the_nonce_used()
    {
        var store = await OpenedAsync(options: ShortLeases);
        await TakeAsync(store, "a");
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        await PassAsync(ShortLeases.Lease);
        Assert.Single((await store.AdoptAsync("successor", 10, Cancel)).Entries);
        Assert.Equal(NonceStoreStatus.NotOwner, await store.FinishAsync(5, "a", isKept: true, Cancel));
        Assert.Equal(5UL, Assert.Single((await store.ListAsync(Cancel)).Entries).Nonce);
        Assert.Equal([6UL], await TakeAsync(store, "b"));
        Assert.Equal(NonceStoreStatus.Done, await store.FinishAsync(5, "successor", isKept: true, Cancel));
        Assert.Equal([6UL], (await store.ListAsync(Cancel)).Entries.Select(entry => entry.Nonce));
    }

    [Fact]
    public async Task A_store_that_is_reset_restores_its_mined_transactions()
    {
        var store = await OpenedAsync(options: ShortLeases);
        await MineAsync(store, count: 2, isKept: _ => true);
        await store.ObserveAsync(At(5), Cancel);
        await PassAsync(ShortLeases.ReorgTimeout);
        Assert.True((await store.ObserveAsync(At(5), Cancel)).WentBack);
        Assert.Equal([5UL, 6UL], (await store.AdoptAsync("successor", 10, Cancel)).Entries.Select(entry => entry.Nonce));
        Assert.Equal([7UL], await TakeAsync(store, "b"));
        Assert.Equal(0, (await store.ObserveAsync(At(7), Cancel)).Unaccounted);
    }

    private static async Task MineAsync(INonceStore store, int count, Func<ulong, bool> isKept)
    {
        foreach (var nonce in await TakeAsync(store, "a", count))
        {
            var id = (byte)nonce;
            await store.SignAsync(nonce, "a", Version(id), new byte[] { id, (byte)'|', 0, 255, (byte)'|' }, Cancel);
            await store.FinishAsync(nonce, "a", isKept(nonce), Cancel);
        }
    }

    private static (NonceStoreStatus Status, int Count) Read(RestoreResult result) => (result.Status, result.Count);

    [Fact]
    public async Task Another_chain_with_the_same_id_starts_from_the_beginning()
    {
        var store = await OpenedAsync(At(90));
        await TakeAsync(store, "a");
        var restarted = await OpenedAsync(At(0, chain: 2));
        Assert.Equal([0UL], await TakeAsync(restarted, "b"));
    }

    [Fact]
    public async Task Transactions_whose_process_is_gone_are_taken_over_once_with_their_bytes()
    {
        var store = await OpenedAsync(options: ShortLeases);
        await TakeAsync(store, "a", 3);
        await store.SignAsync(5, "a", Version(1), new byte[] { 1, 0, 255, 10 }, Cancel);
        await store.SignAsync(6, "a", Version(2), new byte[] { 2 }, Cancel);
        await store.BroadcastAsync(6, "a", Cancel);
        Assert.Empty((await store.AdoptAsync("early", 10, Cancel)).Entries);
        await PassAsync(ShortLeases.Lease);
        var adopted = (await store.AdoptAsync("successor", 10, Cancel)).Entries;
        Assert.Equal([5UL, 6UL], adopted.Select(entry => entry.Nonce));
        Assert.Equal([1, 0, 255, 10], adopted[0].Raw.ToArray());
        Assert.Empty((await store.AdoptAsync("late", 10, Cancel)).Entries);
        Assert.Equal(NonceStoreStatus.NotOwner, await store.SignAsync(5, "a", Version(3), new byte[] { 3 }, Cancel));
    }

    [Fact]
    public async Task Gaps_below_a_transaction_can_be_cancelled_even_at_the_cap()
    {
        var options = Plain with { MaxInFlight = 3 };
        var store = await OpenedAsync(options: options);
        await TakeAsync(store, "a", 2);
        await TakeAsync(store, "b");
        await store.SignAsync(7, "b", Version(1), new byte[] { 1 }, Cancel);
        await store.ReleaseAsync(6, "a", Cancel);
        await TakeAsync(store, "c");
        await store.ReleaseAsync(5, "a", Cancel);
        await store.ReleaseAsync(6, "c", Cancel);
        Assert.Equal([5UL, 6UL], (await store.ReserveAsync(new NonceRequest("canceller", 5, GapsOnly: true), Cancel)).Nonces.Order());
        Assert.Equal(NonceStoreStatus.Full, (await store.ReserveAsync(new NonceRequest("canceller2", 5, GapsOnly: true), Cancel)).Status);
    }

    [Fact]
    public async Task Opening_again_enters_what_a_process_knows_and_the_store_lacks()
    {
        var store = await OpenedAsync();
        await TakeAsync(store, "a");
        NonceEntry lost = new(6, NonceState.Broadcast, "b", default, default, [Version(1)], new byte[] { 9 });
        Assert.Equal(
            NonceStoreStatus.Done, await store.OpenAsync(AtFive, [lost, lost with { Nonce = 5 }, lost with { Nonce = 4 }], Cancel));
        var entries = (await store.ListAsync(Cancel)).Entries;
        Assert.Equal(["a", "b"], entries.Select(entry => entry.Owner));
        Assert.Equal([7UL], await TakeAsync(store, "c"));
    }
}
