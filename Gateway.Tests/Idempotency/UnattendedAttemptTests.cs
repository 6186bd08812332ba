using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Idempotency;

/// <summary>
/// Attempts whose callers are gone: a node that staged what they sent charges for it, so they are read to their end and
/// are the answer to what is sent again.
/// </summary>
public class UnattendedAttemptTests
{
    private static Task<PublishRig> RigAsync(
        Action<IServiceCollection>? configure = null, int nodes = 1) => PublishRig.StartAsync(nodes, services =>
    {
        services.Configure<IdempotencyOptions>(once => once.Window = TimeSpan.FromMinutes(10));
        configure?.Invoke(services);
    });

    // Takes it, and answers late whatever it was told.
    private static NodeBehaviour StagesAndAnswersAfter(Task gate) => async call =>
    {
        var staged = call.Node.Store.Stage(call.Envelopes);
        call.Node.Waits();
        await gate;
        return staged.Envelopes;
    };

    private static int Unattended(PublishRig rig) => rig.Services.GetRequiredService<UnattendedAttempts>().Count;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repetition_waits_for_what_its_caller_left_behind_and_nothing_is_paid_twice(bool byDeadline)
    {
        await using var rig = await RigAsync(nodes: 2);
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = StagesAndAnswersAfter(gate.Task);
        using var cancellation = new CancellationTokenSource();
        var within = byDeadline ? TimeSpan.FromMilliseconds(1900) : TimeSpan.FromSeconds(100);
        var left = Callers.Messages().Select(message => rig.PublishAsync(within, cancellation.Token, message)).ToList();
        await rig.Nodes[0].WaitsAsync(Callers.Count);
        if (byDeadline) rig.Time.Advance(within);
        else await cancellation.CancelAsync();
        foreach (var outcome in await Task.WhenAll(left))
            outcome.Failure(byDeadline ? PublishErrorKind.DeadlineExceeded : PublishErrorKind.Cancelled);
        Assert.Equal(16, Unattended(rig));

        var again = Callers.Messages().Select(message => rig.PublishAsync(message)).ToList();
        Assert.All(again, publish => Assert.False(publish.IsCompleted));
        gate.SetResult();
        foreach (var outcome in await Task.WhenAll(again)) outcome.WasPublishedBy(100u);
        Assert.Equal([16, 0], rig.Calls);
        Assert.All(Callers.Messages(), message => Assert.Equal(1, rig.Nodes[0].Store.TimesCharged(message)));
        Assert.Equal(0, Unattended(rig));
    }

    [Fact]
    public async Task A_worker_that_is_stuck_for_three_seconds_pays_nothing_twice_for_callers_that_cancel()
    {
        await using var rig = await RigAsync();
        rig.Nodes[0].Store.StopWorker();
        using var cancellation = new CancellationTokenSource();
        var left = Callers.Messages().Select(message => rig.PublishAsync(TimeSpan.FromSeconds(100), cancellation.Token, message)).ToList();
        await rig.Nodes[0].WaitsAsync(Callers.Count);
        await cancellation.CancelAsync();
        foreach (var outcome in await Task.WhenAll(left)) outcome.Failure(PublishErrorKind.Cancelled);
        var again = Callers.Messages().Select(message => rig.PublishAsync(message)).ToList();
        rig.Time.Advance(TimeSpan.FromSeconds(3));
        rig.Nodes[0].Store.StartWorker();
        foreach (var outcome in await Task.WhenAll(again)) outcome.WasPublishedBy(100u);
        Assert.Equal(16, rig.Nodes[0].Store.Charged);
    }

    [Fact]
    public async Task An_attempt_that_has_sent_nothing_ends_with_its_caller_and_frees_the_claim()
    {
        var gate = new TaskCompletionSource();
        await using var rig = await RigAsync(
            services => services.AddSingleton<ISigner>(
                new SignerWithHook(Payers.Signer(), number => number == 1 ? gate.Task : Task.CompletedTask)));
        using var cancellation = new CancellationTokenSource();
        var left = rig.PublishAsync(TimeSpan.FromSeconds(100), cancellation.Token, Envelopes.Welcome());
        await cancellation.CancelAsync();
        (await left).Failure(PublishErrorKind.Cancelled);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal([1], rig.Calls);
        gate.SetResult();
    }

    [Fact]
    public async Task What_was_left_behind_and_not_taken_is_published_by_the_repetition_and_given_back()
    {
        await using var rig = await RigAsync(services =>
            services.Configure<LimitsOptions>(
                limits => limits.Rates.Add(new RateLimit(1, TimeSpan.FromHours(1)))).AddPublishAuthorization());
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = async call =>
        {
            call.Node.Waits();
            await gate.Task;
            rig.Nodes[0].Behaviour = Faults.None;
            throw new RpcException(new Status(StatusCode.InvalidArgument, "no"));
        };
        using var cancellation = new CancellationTokenSource();
        var left = rig.PublishAsync(TimeSpan.FromSeconds(100), cancellation.Token, Envelopes.Welcome());
        await rig.Nodes[0].WaitsAsync();
        await cancellation.CancelAsync();
        (await left).Failure(PublishErrorKind.Cancelled);
        gate.SetResult();
        await Eventually.IsAsync(
            async () => (await rig.PublishAsync(Envelopes.Welcome())).Error is null, "what was taken from the limit is given back");
        Assert.Equal(1, rig.Nodes[0].Store.Charged);
    }

    [Fact]
    public async Task What_was_left_behind_and_published_is_counted_as_spent()
    {
        await using var rig = await RigAsync();
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = StagesAndAnswersAfter(gate.Task);
        using var cancellation = new CancellationTokenSource();
        var left = rig.PublishAsync(TimeSpan.FromSeconds(100), cancellation.Token, Envelopes.Welcome(1), Envelopes.Welcome(2));
        await rig.Nodes[0].WaitsAsync();
        await cancellation.CancelAsync();
        (await left).Failure(PublishErrorKind.Cancelled);
        Assert.Equal(0, rig.Services.GetRequiredService<SpendLedger>().Total.Messages);
        gate.SetResult();
        await Eventually.IsAsync(() => rig.Services.GetRequiredService<SpendLedger>().Total.Messages == 2, "both are counted");
    }

    [Fact]
    public async Task It_counts_in_the_bytes_in_flight_of_its_identity_and_a_stop_waits_for_it()
    {
        await using var rig = await RigAsync(services => services.AddSingleton<BytesInFlight>().AddSingleton<IHeldBytes, HeldBytes>());
        var budget = rig.Services.GetRequiredService<BytesInFlight>();
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = StagesAndAnswersAfter(gate.Task);
        using var cancellation = new CancellationTokenSource();
        var left = rig.PublishAsync(TimeSpan.FromSeconds(100), cancellation.Token, Envelopes.Welcome(size: 50_000));
        await rig.Nodes[0].WaitsAsync();
        await cancellation.CancelAsync();
        (await left).Failure(PublishErrorKind.Cancelled);
        var caller = CallerHash.Of(new ClientIdentity("test", "anyone"));
        // The attempt has a copy of it, and so have the claim and the charge that are settled when it ends.
        Assert.InRange(budget.InUse, 150_000, 160_000);
        Assert.Equal(budget.InUse, budget.Count(caller, 0));

        var stop = ((IHostedService)rig.Services.GetRequiredService<UnattendedAttempts>()).StopAsync(TestContext.Current.CancellationToken);
        Assert.False(stop.IsCompleted);
        gate.SetResult();
        await stop;
        await Eventually.IsAsync(() => budget.InUse == 0 && budget.Count(caller, 0) == 0, "the bytes are given back");
    }

    [Fact]
    public async Task A_request_that_is_kept_because_one_of_its_commits_is_in_doubt_counts_until_that_has_ended()
    {
        const int MiB = 1024 * 1024;
        var chain = new TestPublisher(Destination.AppChain);
        await using var rig = await RigAsync(services => services
            .AddSingleton<BytesInFlight>()
            .AddSingleton<IHeldBytes, HeldBytes>()
            .AddSingleton<IEnvelopePublisher>(chain));
        var budget = rig.Services.GetRequiredService<BytesInFlight>();
        var settles = new TaskCompletionSource<EnvelopeOutcome>();
        chain.Settles = _ => settles.Task;
        (await rig.PublishAsync(Envelopes.Welcome(size: 2 * MiB), Envelopes.Commit())).Failure(PublishErrorKind.DeadlineExceeded);

        // The envelope, and the node's answer with it.
        Assert.InRange(budget.InUse, 4 * MiB, 5 * MiB);
        Assert.Equal(budget.InUse, budget.Count(CallerHash.Of(new ClientIdentity("test", "anyone")), 0));
        settles.SetResult(EnvelopeOutcome.NotSent(new PublishError(PublishErrorKind.Unavailable, "withdrawn")));
        await Eventually.IsAsync(() => budget.InUse == 0, "the bytes are given back");
    }

    [Fact]
    public async Task It_no_longer_reads_the_callers_memory()
    {
        await using var rig = await RigAsync();
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = StagesAndAnswersAfter(gate.Task);
        var request = Google.Protobuf.MessageExtensions.ToByteArray(Envelopes.Request(Envelopes.Welcome()));
        using var cancellation = new CancellationTokenSource();
        var left = rig.PublishAsync(request, TimeSpan.FromSeconds(100), cancellation.Token);
        await rig.Nodes[0].WaitsAsync();
        await cancellation.CancelAsync();
        (await left).Failure(PublishErrorKind.Cancelled);
        Array.Clear(request);
        var again = rig.PublishAsync(Envelopes.Welcome());
        gate.SetResult();
        (await again).WasPublishedBy(100u);
        Assert.Equal([1], rig.Calls);
    }

    [Fact]
    public async Task What_was_sent_is_weighed_again_by_bytes_of_its_own()
    {
        var weighed = new System.Collections.Concurrent.ConcurrentQueue<(int Count, byte[] First)>();
        await using var rig = await RigAsync(services =>
        {
            services.AddSingleton<IEnvelopePublisher>(new TestPublisher(Destination.AppChain) { SendsNot = _ => true });
            services.Configure<LimitsOptions>(limits => limits.Rates.Add(new RateLimit(10, TimeSpan.FromHours(1))
            {
                Weigh = context =>
                {
                    weighed.Enqueue((context.Envelopes.Count, context.Envelopes[0].Topic.Bytes.ToArray()));
                    return context.Envelopes.Count;
                },
            })).AddPublishAuthorization();
        });
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = StagesAndAnswersAfter(gate.Task);
        var request = Google.Protobuf.MessageExtensions.ToByteArray(Envelopes.Request(Envelopes.Welcome(), Envelopes.Commit()));
        using var cancellation = new CancellationTokenSource();
        var left = rig.PublishAsync(request, TimeSpan.FromSeconds(100), cancellation.Token);
        await rig.Nodes[0].WaitsAsync();
        await cancellation.CancelAsync();
        (await left).Failure(PublishErrorKind.Cancelled);
        Array.Clear(request);
        gate.SetResult();

        await Eventually.IsAsync(() => weighed.Count == 2, "what was sent is weighed again");
        Assert.Equal([2, 1], weighed.Select(one => one.Count));
        Assert.Equal(weighed.First().First, weighed.Last().First);
    }
}
