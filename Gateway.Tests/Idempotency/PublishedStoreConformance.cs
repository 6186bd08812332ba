using Google.Protobuf;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Idempotency;

/// <summary>What every store of results must do.</summary>
public abstract class PublishedStoreConformance
{
    private static readonly byte[] Envelope = [1, 2, 3, 4, 5, 6, 7, 8];
    private static readonly byte[] Originator = [9, .. Envelope, 10, 11];
    private static readonly EnvelopeKey One = EnvelopeKey.OnChain([1]);
    private static readonly EnvelopeKey Other = EnvelopeKey.OnChain([2]);

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>So long that nothing ends within a test.</summary>
    private protected static IdempotencyOptions Options { get; } = new() { StoreTimeout = TimeSpan.FromSeconds(20) };

    /// <summary>Short enough to wait for by a real store's clock.</summary>
    private protected static IdempotencyOptions Short { get; } = new()
    {
        Window = TimeSpan.FromMilliseconds(300),
        Lease = TimeSpan.FromSeconds(1.5),
        StoreTimeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>Another process's view of the same store.</summary>
    private protected abstract IPublishedStore NewReplica(IdempotencyOptions? options = null);

    /// <summary>Lets time pass as the store counts it.</summary>
    private protected abstract Task PassAsync(TimeSpan time);

    private protected static async Task<ClaimState> ClaimAsync(IPublishedStore store, EnvelopeKey key, ulong owner) =>
        (await store.ClaimAsync([key], owner, Cancel))[0].State;

    private static PublishedAnswer Answer => PublishedAnswer.Of(Originator, Envelope);

    [Fact]
    public async Task The_first_to_claim_has_it_and_others_find_it_busy()
    {
        var store = NewReplica();
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, One, 1));
        Assert.Equal(ClaimState.Busy, await ClaimAsync(store, One, 2));
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, Other, 2));
    }

    [Fact]
    public async Task A_claim_can_be_repeated_by_its_owner()
    {
        var store = NewReplica();
        await ClaimAsync(store, One, 1);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, One, 1));
    }

    [Fact]
    public async Task What_was_published_is_answered_with_the_first_result()
    {
        var store = NewReplica();
        await ClaimAsync(store, One, 1);
        await store.EndAsync(One, 1, Answer);
        var claim = (await store.ClaimAsync([One], 2, Cancel))[0];
        Assert.Equal(ClaimState.Published, claim.State);
        Assert.Equal(Originator, claim.Answer.Restore(Envelope));
    }

    [Fact]
    public async Task What_was_not_published_can_be_claimed_again()
    {
        var store = NewReplica();
        await ClaimAsync(store, One, 1);
        await store.EndAsync(One, 1, null);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, One, 2));
    }

    [Fact]
    public async Task A_claim_is_ended_only_by_its_owner()
    {
        var store = NewReplica();
        await ClaimAsync(store, One, 1);
        await store.EndAsync(One, 2, null);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(store, One, 3));
    }

    [Fact]
    public async Task A_result_is_forgotten_after_the_window()
    {
        var store = NewReplica(Short);
        await ClaimAsync(store, One, 1);
        await store.EndAsync(One, 1, Answer);
        await PassAsync(Short.Window);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, One, 2));
    }

    [Fact]
    public async Task A_waiter_gets_the_outcome_whether_published_or_not()
    {
        foreach (var answer in new PublishedAnswer?[] { Answer, null })
        {
            var store = NewReplica();
            var key = EnvelopeKey.OnChain(Guid.NewGuid().ToByteArray());
            await ClaimAsync(store, key, 1);
            var waits = store.WaitAsync(key, Cancel).AsTask();
            Assert.False(waits.IsCompleted);
            await store.EndAsync(key, 1, answer);
            await waits;
            Assert.Equal(answer is null ? ClaimState.Mine : ClaimState.Published, await ClaimAsync(store, key, 2));
        }
    }

    [Fact]
    public async Task A_wait_ends_with_its_token()
    {
        var store = NewReplica();
        await ClaimAsync(store, One, 1);
        using var stopping = new CancellationTokenSource();
        var waits = store.WaitAsync(One, stopping.Token).AsTask();
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
    }

    [Fact]
    public async Task Many_are_claimed_in_one_step_and_answered_in_order()
    {
        var store = NewReplica();
        var keys = Enumerable.Range(0, 1200).Select(i => EnvelopeKey.OnChain(BitConverter.GetBytes(i))).ToList();
        await ClaimAsync(store, keys[700], 1);
        await store.EndAsync(keys[700], 1, Answer);
        await ClaimAsync(store, keys[3], 2);
        var claims = await store.ClaimAsync(keys, 3, Cancel);
        Assert.Equal(ClaimState.Busy, claims[3].State);
        Assert.Equal(ClaimState.Published, claims[700].State);
        Assert.Equal(1198, claims.Count(claim => claim.State == ClaimState.Mine));
    }

    [Fact]
    public async Task Claims_of_a_batch_end_together_each_with_its_own_outcome()
    {
        var store = NewReplica();
        var keys = Enumerable.Range(0, 1200).Select(i => EnvelopeKey.OnChain(BitConverter.GetBytes(i))).ToList();
        await store.ClaimAsync(keys, 1, Cancel);
        var (persisted, waits) = (0, store.WaitAsync(keys[600], Cancel).AsTask());
        await store.EndAsync(
            [.. keys.Select((key, i) => new EndedClaim(
                key,
                i % 2 == 0 ? PublishedAnswer.Of(BitConverter.GetBytes(i), []) : null,
                () => Interlocked.Increment(ref persisted)))],
            1);
        await waits;
        Assert.Equal(keys.Count, persisted);
        var claims = await store.ClaimAsync(keys, 2, Cancel);
        for (var i = 0; i < claims.Length; i++)
        {
            Assert.Equal(i % 2 == 0 ? ClaimState.Published : ClaimState.Mine, claims[i].State);
            if (i % 2 == 0) Assert.Equal(i, BitConverter.ToInt32(claims[i].Answer.Restore([])));
        }
    }

    [Fact]
    public async Task One_of_many_concurrent_callers_gets_the_claim()
    {
        var store = NewReplica();
        var states = await Task.WhenAll(
            Enumerable.Range(1, 50).Select(owner => Task.Run(() => ClaimAsync(store, One, (ulong)owner), Cancel)));
        Assert.Single(states, ClaimState.Mine);
    }

    [Fact]
    public void The_identity_and_the_envelope_are_delimited_in_the_key()
    {
        static EnvelopeKey KeyOf(
            string kind, string value, string envelope) => EnvelopeKey.Of(new ClientIdentity(kind, value), new ParsedEnvelope
            {
                Index = 0,
                Bytes = System.Text.Encoding.UTF8.GetBytes(envelope),
                Topic = new Topic(Envelopes.Topic(TopicKind.WelcomeMessages, Envelopes.Id(32))),
                Payload = PayloadKind.WelcomeMessage,
                Destination = Destination.BroadcastNetwork,
            });

        Assert.NotEqual(KeyOf("jwt", "user", "1envelope"), KeyOf("jwt", "user1", "envelope"));
        Assert.NotEqual(KeyOf("jwt", "user", "envelope"), KeyOf("jwtu", "ser", "envelope"));
        Assert.Equal(KeyOf("jwt", "user", "envelope"), KeyOf("jwt", "user", "envelope"));
    }

    // Around the size up to which who and what are hashed in one piece, and far beyond.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1900, 1)]
    [InlineData(2100, 1)]
    [InlineData(500_000, 1)]
    [InlineData(1, 5000)]
    public void The_same_bytes_of_another_identity_are_another_envelope_but_on_the_chain(int envelopeSize, int identitySize)
    {
        Assert.Null(
            EnvelopeReader.ReadRequest(
                Envelopes.Request(Envelopes.Welcome(size: envelopeSize), Envelopes.Commit()).ToByteArray(), out var envelopes));
        var user = new string('é', identitySize);
        foreach (var other in new[]
        {
            new ClientIdentity("jwt" + user, ""),
            new ClientIdentity("jwt", user + "x"),
            new ClientIdentity("jw", "t" + user),
        })
        {
            Assert.NotEqual(EnvelopeKey.Of(new ClientIdentity("jwt", user), envelopes[0]), EnvelopeKey.Of(other, envelopes[0]));
            Assert.Equal(EnvelopeKey.Of(new ClientIdentity("jwt", user), envelopes[1]), EnvelopeKey.Of(other, envelopes[1]));
        }

        Assert.Equal(
            EnvelopeKey.Of(new ClientIdentity("jwt", user), envelopes[0]), EnvelopeKey.Of(new ClientIdentity("jwt", user), envelopes[0]));
        Assert.Equal(EnvelopeKey.OnChain(envelopes[1].Bytes.Span), EnvelopeKey.Of(new ClientIdentity("jwt", user), envelopes[1]));
    }
}
