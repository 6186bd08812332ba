using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>One node, and a gateway that coalesces: four calls under way make the fifth publish wait.</summary>
public sealed class CoalescingRig : IAsyncDisposable
{
    public const int MaxConcurrentCalls = 4;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(10);

    private readonly Measured _measured;
    private readonly NamedCaller _caller;
    private byte _seed = 100;

    private CoalescingRig(PublishRig rig)
    {
        Rig = rig;
        _caller = (NamedCaller)rig.Services.GetRequiredService<IIdentityResolver>();
        _measured = new Measured(rig.Services.GetRequiredService<IMeterFactory>(), "Xmtp.Gateway.Publishing");
    }

    public PublishRig Rig { get; }

    public FaultyNode Node => Rig.Nodes[0];

    /// <summary>The number of envelopes of each call that was sent to a node, in order.</summary>
    public long[] Sent => _measured.Values("xmtp_gateway_node_call_envelopes");

    /// <summary>How often a node was excluded.</summary>
    public long NodesExcluded => _measured.Sum("xmtp_gateway_node_excluded");

    public static async Task<CoalescingRig> StartAsync(
        int maxEnvelopes = 50, int nodes = 1, Action<IServiceCollection>? configure = null) =>
        new(await PublishRig.StartAsync(nodes, services =>
        {
            services.Configure<BroadcastNetworkOptions>(payer => payer.MaxCoalescedEnvelopes = maxEnvelopes);
            services.Replace(ServiceDescriptor.Singleton<IIdentityResolver>(new NamedCaller()));
            configure?.Invoke(services);
        }));

    public Task<PublishOutcome> PublishAsync(string caller, params ClientEnvelope[] envelopes) =>
        PublishAsync(caller, TimeSpan.FromSeconds(100), default, envelopes);

    public Task<PublishOutcome> PublishAsync(
        string caller, TimeSpan within, CancellationToken cancellationToken, params ClientEnvelope[] envelopes)
    {
        _caller.Name = caller;
        return Rig.PublishAsync(within, cancellationToken, envelopes);
    }

    /// <summary>From now on callers are those of a payer.</summary>
    public void OfPayer(string payer) => _caller.Payer = payer;

    /// <summary>Publishes as many messages as there may be calls under way; the node holds them until its worker starts.</summary>
    public async Task<List<Task<PublishOutcome>>> HoldAsync()
    {
        Node.Store.StopWorker();
        var held = Enumerable.Range(0, MaxConcurrentCalls).Select(_ => PublishAsync("held", Envelopes.Welcome(_seed++))).ToList();
        await Node.WaitsAsync(MaxConcurrentCalls);
        return held;
    }

    /// <summary>Waits until a publish waits for a shared call.</summary>
    public async Task QueuedAsync()
    {
        var connections = Rig.Services.GetRequiredService<NodeConnections>();
        Assert.True(connections.TryTake(Node.Registered, out var connection));
        using var held = connection;
        await Eventually.IsAsync(() => connection.Coalescer!.HasWaiting, "a publish waits for a shared call");
    }

    /// <summary>Lets the time pass that a publish waits at most.</summary>
    public void EndWait() => Rig.Time.Advance(MaxWait);

    /// <summary>Waits until so many calls have reached the node.</summary>
    public Task ReachedAsync(int calls) => Eventually.IsAsync(() => Node.Calls >= calls, $"{calls} calls reach the node");

    public async ValueTask DisposeAsync()
    {
        _measured.Dispose();
        await Rig.DisposeAsync();
    }
}
