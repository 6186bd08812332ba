using System.Diagnostics.Metrics;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis.Profiling;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Idempotency;

/// <summary>Copies of a batch while it is being published.</summary>
public sealed class WaitingCopiesTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>, IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TestPublisher _chain = new(Destination.AppChain);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Copies_of_a_batch_that_another_replica_publishes_share_few_Redis_requests()
    {
        const int Copies = 8;
        await using var theirs = await redis.Server.ConnectAsync();
        await using var ours = await redis.Server.ConnectAsync();
        var session = new ProfilingSession();
        ours.RegisterProfiler(() => session);
        var (options, metrics) = (new IdempotencyOptions(), Metrics);
        using var other = new RedisPublishedStore(() => theirs.GetDatabase(), "copies:{x}:", options, metrics, TimeProvider.System);
        using var shared = new RedisPublishedStore(() => ours.GetDatabase(), "copies:{x}:", options, metrics, TimeProvider.System);
        using var store = new TieredPublishedStore(
            new MemoryPublishedStore(options, metrics, TimeProvider.System, isInFrontOfShared: true), shared);
        var batch = Commits(2_000);
        var keys = batch.Select(envelope => EnvelopeKey.OnChain(envelope.Bytes.Span)).ToList();
        Assert.All(await other.ClaimAsync(keys, 1, Cancel), claim => Assert.Equal(ClaimState.Mine, claim.State));

        var once = Once(store);
        var copies = Enumerable.Range(0, Copies).Select(_ => once.PublishAsync(Attempt("one", batch), Deadline, Cancel).AsTask()).ToList();
        var asked = 0;
        var looks = 0;
        await Eventually.IsAsync(() =>
        {
            foreach (var command in session.FinishProfiling())
            {
                asked++;
                if (command.Command is "MGET" or "GET") looks++;
            }

            return looks >= Copies * 10;
        }, "the copies look whether it has ended");
        await Task.WhenAll(keys.Select(key => other.EndAsync(key, 1, PublishedAnswer.Of(new byte[] { 1, 2, 3 }, [2])).AsTask()));

        foreach (var copy in copies) Assert.All(await copy, outcome => Assert.True(outcome.IsPublished));
        Assert.Empty(_chain.Published);
        Assert.InRange(asked + session.FinishProfiling().Count(), 1, 4_000);
    }

    [Fact]
    public async Task Waiting_envelopes_of_one_caller_are_bounded_and_the_next_is_refused()
    {
        var gate = new TaskCompletionSource();
        _chain.Before = (_, _) => gate.Task;
        var once = Once(new MemoryPublishedStore(new IdempotencyOptions(), Metrics, TimeProvider.System));
        var batch = Commits(9_000);
        var publishes = once.PublishAsync(Attempt("one", batch), Deadline, Cancel).AsTask();
        var waits = Enumerable.Range(0, 2).Select(_ => once.PublishAsync(Attempt("one", batch), Deadline, Cancel).AsTask()).ToList();
        var refused = await once.PublishAsync(Attempt("one", batch), Deadline, Cancel);
        Assert.All(
            refused,
            outcome => Assert.Equal((PublishErrorKind.ResourceExhausted, "TOO_MANY_WAITING"), (outcome.Error!.Kind, outcome.Error.Reason)));
        Assert.All(waits, wait => Assert.False(wait.IsCompleted));
        waits.Add(once.PublishAsync(Attempt("another", batch), Deadline, Cancel).AsTask());

        gate.SetResult();
        Assert.All(await publishes, outcome => Assert.True(outcome.IsPublished));
        foreach (var wait in waits) Assert.All(await wait, outcome => Assert.True(outcome.IsPublished));
        Assert.Equal(batch.Count, _chain.Published.Count);
        Assert.All(await once.PublishAsync(Attempt("one", batch), Deadline, Cancel), outcome => Assert.True(outcome.IsPublished));
    }

    [Fact]
    public async Task A_copy_of_a_batch_that_failed_in_part_publishes_that_part()
    {
        var (gate, tries) = (new TaskCompletionSource(), 0);
        _chain.Before = (_, _) => gate.Task;
        _chain.Fails = envelope => envelope.Index % 2 == 1 && Interlocked.Increment(ref tries) <= 50
            ? new PublishError(PublishErrorKind.Unavailable, "not now")
            : null;
        var once = Once(new MemoryPublishedStore(new IdempotencyOptions(), Metrics, TimeProvider.System));
        var batch = Commits(100);
        var first = once.PublishAsync(Attempt("one", batch), Deadline, Cancel).AsTask();
        var copy = once.PublishAsync(Attempt("one", batch), Deadline, Cancel).AsTask();
        gate.SetResult();
        Assert.Equal(50, (await first).Count(outcome => outcome.IsPublished));
        Assert.All(await copy, outcome => Assert.True(outcome.IsPublished));
        Assert.Equal(batch.Count, _chain.Published.Count);
    }

    private static PublishDeadline Deadline => PublishDeadline.After(PublishDeadline.Max, TimeProvider.System);

    private IdempotencyMetrics Metrics => new(_services.GetRequiredService<IMeterFactory>());

    private IdempotentPublisher Once(IPublishedStore store)
    {
        var costs = new RateEstimator(
            new EnvelopeCosts(
                new RateCache(), new OriginatorRates(TimeProvider.System), Options.Create(new CostsOptions()), TimeProvider.System));
        return new IdempotentPublisher(
            new MeteredPublisher(new EnvelopeRouter([_chain, new TestPublisher(Destination.BroadcastNetwork)]), costs),
            store,
            Metrics,
            TimeProvider.System);
    }

    private static PublishContext Attempt(string user, IReadOnlyList<ParsedEnvelope> envelopes) =>
        new() { Identity = new ClientIdentity("test", user), Envelopes = envelopes, Cost = default, Headers = new HeaderDictionary() };

    private static IReadOnlyList<ParsedEnvelope> Commits(int count)
    {
        var request = Envelopes.Request([.. Enumerable.Range(0, count).Select(i => Envelopes.Commit((byte)i, 40 + (i / 256)))]);
        Assert.Null(EnvelopeReader.ReadRequest(request.ToByteArray(), out var envelopes));
        return envelopes;
    }
}
