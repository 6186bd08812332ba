using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Tests.Endpoints;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// The publish pipeline as the gateway composes it, in front of real nodes on real ports, with a clock that the test
/// moves.
/// </summary>
public sealed class PublishRig : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private PublishRig(IReadOnlyList<FaultyNode> nodes, Action<IServiceCollection>? configure)
    {
        Nodes = nodes;
        foreach (var node in nodes) node.Time = Time;
        var collection = new ServiceCollection();
        collection.AddLogging().AddMetrics();
        collection.AddSingleton<TimeProvider>(Time).AddSingleton<INodeRegistry>(Registry).AddSingleton<ISigner>(Payers.Signer());
        collection.AddSingleton<IIdentityResolver, Anyone>();
        collection.AddSingleton(provider => new PublishAuthorization(
            provider.GetServices<IPublishAuthorizer>(), null, null, provider.GetRequiredService<ILogger<PublishAuthorization>>()));
        collection.Configure<BroadcastNetworkOptions>(payer =>
        {
            payer.NodeSelectorStrategy = "ordered";
            payer.PreferredNodes = [.. nodes.Select(node => node.Id)];
            // Most tests count calls.
            payer.MaxCoalescedEnvelopes = 0;
        });
        // Most tests publish the same envelope again and again on purpose.
        collection.Configure<IdempotencyOptions>(once => once.Window = TimeSpan.Zero);
        collection.AddSingleton<IEnvelopePublisher>(new TestPublisher(Destination.AppChain));
        configure?.Invoke(collection);
        _services = collection.AddPublishing().AddBroadcastNetwork().BuildServiceProvider();
        Services = _services;
        Registry.Set([.. nodes.Select(node => node.Registered)]);
    }

    public IServiceProvider Services { get; }

    public FakeTimeProvider Time { get; } = new();

    public KnownNodes Registry { get; } = new();

    /// <summary>In the order in which they are tried: ids 100, 200, …</summary>
    public IReadOnlyList<FaultyNode> Nodes { get; }

    /// <summary>How many calls reached each node.</summary>
    public int[] Calls => [.. Nodes.Select(node => node.Calls)];

    public static async Task<PublishRig> StartAsync(int nodes, Action<IServiceCollection>? configure = null) =>
        new(await Task.WhenAll(Enumerable.Range(1, nodes).Select(i => FaultyNode.StartAsync((uint)i * 100))), configure);

    public Task<PublishOutcome> PublishAsync(params ClientEnvelope[] envelopes) =>
        PublishAsync(TimeSpan.FromSeconds(100), default, envelopes);

    public Task<PublishOutcome> PublishAsync(TimeSpan within, CancellationToken cancellationToken, params ClientEnvelope[] envelopes) =>
        PublishAsync(Envelopes.Request(envelopes).ToByteArray(), within, cancellationToken);

    public async Task<PublishOutcome> PublishAsync(byte[] request, TimeSpan within, CancellationToken cancellationToken)
    {
        var call = new DefaultHttpContext { RequestAborted = cancellationToken };
        return await _services.GetRequiredService<PublishPipeline>().PublishAsync(request, call, PublishDeadline.After(within, Time));
    }

    /// <summary>Publishes with a clock that goes on by itself, a tenth of a second at each look.</summary>
    public Task<PublishOutcome> PublishWhileTimePassesAsync(params ClientEnvelope[] envelopes) =>
        WhileTimePassesAsync(PublishAsync(envelopes));

    /// <summary>Lets time pass until a publish has ended.</summary>
    /// <param name="publish">The publish.</param>
    /// <param name="step">How much passes at a time; 100 ms.</param>
    public async Task<PublishOutcome> WhileTimePassesAsync(Task<PublishOutcome> publish, TimeSpan? step = null)
    {
        await Eventually.IsAsync(
            () =>
            {
                if (!publish.IsCompleted) Time.Advance(step ?? TimeSpan.FromMilliseconds(100));
                return publish.IsCompleted;
            },
            "the publish ends");
        return await publish;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        foreach (var node in Nodes) await node.DisposeAsync();
    }

    private sealed class Anyone : IIdentityResolver
    {
        public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken) =>
            new(IdentityResult.Known(new ClientIdentity("test", "anyone")));
    }
}

/// <summary>Says in one line what a test expects of an outcome.</summary>
public static class Outcomes
{
    /// <summary>Every envelope was published: the originators, in the request's order.</summary>
    public static uint[] Originators(this PublishOutcome outcome)
    {
        Assert.Null(outcome.Error);
        return [.. outcome.Envelopes.Select(envelope =>
        {
            Assert.True(OriginatorEnvelopeView.TryRead(envelope.OriginatorEnvelope, out var view));
            return view.OriginatorNodeId;
        })];
    }

    /// <summary>Every envelope was published, by these nodes in the request's order.</summary>
    public static void WasPublishedBy(this PublishOutcome outcome, params uint[] nodes) => Assert.Equal(nodes, outcome.Originators());

    public static PublishError Failure(this PublishOutcome outcome, PublishErrorKind kind)
    {
        Assert.NotNull(outcome.Error);
        Assert.Equal(kind, outcome.Error.Kind);
        return outcome.Error;
    }
}
