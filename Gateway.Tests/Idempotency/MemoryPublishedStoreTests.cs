using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Idempotency;

namespace Xmtp.Gateway.Tests.Idempotency;

public sealed class MemoryPublishedStoreTests : PublishedStoreConformance, IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new();

    private protected override IPublishedStore NewReplica(IdempotencyOptions? options = null) => NewStore(options ?? Options);

    private MemoryPublishedStore NewStore(IdempotencyOptions options, bool isInFrontOfShared = false) =>
        new(options, new IdempotencyMetrics(_services.GetRequiredService<IMeterFactory>()), _time, isInFrontOfShared);

    private static EnvelopeKey Key(int i) => EnvelopeKey.OnChain(BitConverter.GetBytes(i));

    private static async Task PublishAsync(MemoryPublishedStore store, int i)
    {
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, Key(i), 1));
        await store.EndAsync(Key(i), 1, PublishedAnswer.Of(new byte[] { 1 }, [2]));
    }

    private protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task An_abandoned_claim_stands_until_the_window_has_passed()
    {
        var store = NewStore(Options);
        var key = EnvelopeKey.OnChain([1]);
        await ClaimAsync(store, key, 1);
        store.Abandon(key, 1);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(store, key, 2));
        var waits = store.WaitAsync([key], Cancel).AsTask();
        await PassAsync(Options.Window);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, key, 2));
        await waits;
    }

    [Fact]
    public async Task An_abandoned_claim_is_taken_over_by_the_process_that_took_its_transaction_over()
    {
        var store = NewStore(Options);
        var key = EnvelopeKey.OnChain([1]);
        await ClaimAsync(store, key, 1);
        Assert.Equal(ClaimState.Busy, (await store.TakeOverAsync(key, 2, Cancel)).State);
        store.Abandon(key, 1);
        Assert.Equal(ClaimState.Mine, (await store.TakeOverAsync(key, 2, Cancel)).State);
        await PassAsync(Options.Window);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(store, key, 3));
        await store.EndAsync(key, 2, PublishedAnswer.Of(new byte[] { 1 }, [2]));
        Assert.Equal(ClaimState.Published, await ClaimAsync(store, key, 3));
    }

    [Fact]
    public async Task Beyond_its_capacity_the_oldest_results_are_forgotten_and_that_they_were_published_is_not()
    {
        const int Published = 5_000;
        var store = NewStore(new IdempotencyOptions { Capacity = 10, Window = Options.Window });
        for (var i = 0; i < Published; i++) await PublishAsync(store, i);

        for (var i = 0; i < Published - 10; i++) Assert.Equal(ClaimState.AnswerGone, await ClaimAsync(store, Key(i), 2));
        for (var i = Published - 10; i < Published; i++) Assert.Equal(ClaimState.Published, await ClaimAsync(store, Key(i), 2));
        Assert.Equal(ClaimState.AnswerGone, (await store.TakeOverAsync(Key(0), 2, Cancel)).State);
    }

    [Fact]
    public async Task What_was_published_is_remembered_until_its_window_has_passed_and_no_longer()
    {
        var store = NewStore(new IdempotencyOptions { Capacity = 10, Window = Options.Window });
        for (var i = 0; i < 3_000; i++) await PublishAsync(store, i);
        await PassAsync(Options.Window / 2);
        for (var i = 3_000; i < 6_000; i++) await PublishAsync(store, i);
        Assert.Equal(ClaimState.AnswerGone, await ClaimAsync(store, Key(0), 2));

        await PassAsync(Options.Window / 2);
        for (var i = 0; i < 3_000; i++) await PublishAsync(store, i);
        for (var i = 3_000; i < 5_990; i++) Assert.Equal(ClaimState.AnswerGone, await ClaimAsync(store, Key(i), 2));
        await PassAsync(Options.Window);
        for (var i = 0; i < 6_000; i++) await PublishAsync(store, i);
    }

    [Fact]
    public async Task When_no_more_can_be_remembered_nothing_more_is_claimed_until_the_oldest_have_left()
    {
        var store = NewStore(new IdempotencyOptions { Capacity = 3, MaxMarks = 4, Window = Options.Window });
        for (var i = 0; i < 5; i++) await PublishAsync(store, i);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, Key(5), 1));
        await PassAsync(Options.Window / 2);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, Key(6), 1));

        Assert.Equal(ClaimState.NoRoom, await ClaimAsync(store, Key(7), 1));
        Assert.Equal(
            [ClaimState.AnswerGone, ClaimState.NoRoom], (await store.ClaimAsync([Key(0), Key(8)], 1, Cancel)).Select(claim => claim.State));
        // One that failed makes room, and one that may have been sent needs none.
        await store.EndAsync(Key(5), 1, null);
        await PublishAsync(store, 9);
        Assert.Equal(ClaimState.NoRoom, await ClaimAsync(store, Key(7), 1));
        Assert.Equal(ClaimState.Mine, (await store.TakeOverAsync(Key(10), 1, Cancel)).State);
        for (var i = 0; i < 2; i++) Assert.Equal(ClaimState.AnswerGone, await ClaimAsync(store, Key(i), 2));

        await PassAsync(Options.Window / 2);
        await PublishAsync(store, 7);
        await PublishAsync(store, 0);
        Assert.Equal(ClaimState.Published, await ClaimAsync(store, Key(9), 2));
    }

    [Fact]
    public async Task What_memory_evicted_is_read_from_the_shared_store()
    {
        var store = NewStore(new IdempotencyOptions { Capacity = 3, MaxMarks = 1 }, isInFrontOfShared: true);
        for (var i = 0; i < 30; i++) await PublishAsync(store, i);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, Key(0), 2));
    }

    [Fact]
    public void A_mark_takes_at_most_52_bytes()
    {
        const int Marks = 1_000_000;
        var keys = Enumerable.Range(0, Marks).Select(Key).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var marks = new PublishedMarks();
        foreach (var key in keys) marks.Add(key, 0);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated / (double)Marks, 48, 52);
        Assert.Equal(Marks, marks.Count);
        Assert.True(Array.TrueForAll(keys, marks.Contains));
        Assert.False(marks.Contains(Key(Marks)));
    }

    [Fact]
    public void A_few_marks_take_no_more_than_a_few_pages()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var marks = new PublishedMarks();
        for (var i = 0; i < 100; i++) marks.Add(Key(i), 0);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void An_answer_takes_at_most_56_bytes_more_than_what_is_stored_of_it()
    {
        const int Answers = 200_000;
        var keys = Enumerable.Range(0, Answers).Select(Key).ToArray();
        var answer = PublishedAnswer.Of(new byte[236], [2]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var log = new AnswerLog();
        foreach (var key in keys) log.Enter(log.Add(answer), key, 0);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated / (double)Answers, answer.StoredLength + 52, answer.StoredLength + 56);
        Assert.True(Array.TrueForAll(keys, log.Contains));
        Assert.False(log.Contains(Key(Answers)));
    }

    [Fact]
    public void Answers_are_found_while_their_index_grows_and_older_ones_go()
    {
        const int Kept = 5_000;
        var log = new AnswerLog();
        static byte[] Answer(int i) => [.. BitConverter.GetBytes(i), .. new byte[i % 1_000 == 0 ? 100_000 : i % 300]];
        for (var i = 0; i < 4 * Kept; i++)
        {
            log.Enter(log.Add(PublishedAnswer.Of(Answer(i), [2, 2, 2])), Key(i), i);
            if (log.Count > Kept) log.RemoveOldest();
        }

        Assert.Equal((Key(3 * Kept), 3L * Kept), log.Oldest);
        for (var i = 0; i < 4 * Kept; i++) Assert.Equal(i >= 3 * Kept, log.Contains(Key(i)));
        for (var i = 3 * Kept; i < 4 * Kept; i++) Assert.Equal(Answer(i), PublishedAnswer.Read(log.Read(Key(i))!).Restore([2, 2, 2]));
        while (log.Count > 0) log.RemoveOldest();
        Assert.Null(log.Read(Key((4 * Kept) - 1)));
        log.Enter(log.Add(PublishedAnswer.Of(Answer(1), [2, 2, 2])), Key(1), 1);
        Assert.Equal((Key(1), 1L), log.Oldest);
        Assert.Equal(Answer(1), PublishedAnswer.Read(log.Read(Key(1))!).Restore([2, 2, 2]));
    }

    [Fact]
    public async Task Whatever_is_remembered_is_remembered_exactly_while_older_results_go()
    {
        const int Capacity = 300;
        var store = NewStore(new IdempotencyOptions { Capacity = Capacity });
        byte[] Result(int i) => [.. Enumerable.Range(0, i % 50 == 0 ? 200_000 : i).Select(n => (byte)(n * i)), 2, (byte)i];
        for (var i = 0; i < 1000; i++)
        {
            await ClaimAsync(store, EnvelopeKey.OnChain(BitConverter.GetBytes(i)), 1);
            await store.EndAsync(EnvelopeKey.OnChain(BitConverter.GetBytes(i)), 1, PublishedAnswer.Of(Result(i), [2, (byte)i]));
        }

        for (var i = 1000 - Capacity; i < 1000; i++)
        {
            var claim = await store.ClaimAsync(EnvelopeKey.OnChain(BitConverter.GetBytes(i)), 2, Cancel);
            Assert.Equal(ClaimState.Published, claim.State);
            Assert.Equal(Result(i), claim.Answer.Restore([2, (byte)i]));
        }
    }
}
