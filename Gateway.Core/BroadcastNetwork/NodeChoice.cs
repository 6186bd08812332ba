using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>The configured selector, over the present nodes, past those that the breaker holds back.</summary>
internal sealed class NodeChoice
{
    private readonly INodeRegistry registry;
    private readonly NodeBreaker breaker;
    private readonly INodeSelector selector;
    private readonly Func<uint, bool> isHeldBack;

    public NodeChoice(INodeRegistry registry, NodeBreaker breaker, IEnumerable<INodeSelector> selectors, IOptions<PayerOptions> options)
    {
        (this.registry, this.breaker) = (registry, breaker);
        var name = options.Value.NodeSelectorStrategy;
        selector = selectors.FirstOrDefault(candidate => candidate.Name == name)
            ?? throw new InvalidOperationException($"no node selector is called '{name}'");
        isHeldBack = breaker.IsHeldBack;
    }

    internal NetworkNode? First(Topic topic) => selector.Select(registry.Current, topic, isHeldBack);

    internal NetworkNode? Next(Topic topic, List<uint> banned) =>
        selector.Select(registry.Current, topic, id => banned.Contains(id) || breaker.IsHeldBack(id));

    /// <summary>What the caller is told when no node may be used, with the time until one may be probed.</summary>
    internal PublishError NoneLeft() =>
        new(PublishErrorKind.Unavailable, "no node of the Broadcast Network can be reached")
        {
            RetryAfter = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(breaker.UntilNextProbe(registry.Current).TotalSeconds))),
        };
}
