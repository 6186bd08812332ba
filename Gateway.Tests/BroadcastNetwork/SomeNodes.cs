using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

internal static class SomeNodes
{
    internal static Topic AnyTopic { get; } = new(Envelopes.Topic(TopicKind.WelcomeMessages, [1, 2, 3]));

    internal static NodeSet Of(params uint[] ids) => new(ids.Select(id => At(id, "http://127.0.0.1:1")));

    internal static NetworkNode At(uint id, string address) => new(id, new Uri(address), NodeKey.Of(id).PublicKey, NodeKey.Of(id).Address);
}
