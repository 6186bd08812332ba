using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.BroadcastNetwork.Selection;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

public class StableSelectorTests
{
    /// <summary>
    /// Nodes, identifier, the node that the network's rule gives, and the next one when that is banned (0: none).
    /// Computed apart from this code, from the rule alone.
    /// </summary>
    public static TheoryData<string, string, uint, uint> Golden => new()
    {
        { "100", "01", 100u, 0u },
        { "100", "0102030405060708090a0b0c0d0e0f10", 100u, 0u },
        { "100", "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 100u, 0u },
        { "100", "737461626c655f6b6579", 100u, 0u },
        { "100", "737461626c655f6b65795f746f70696332", 100u, 0u },
        { "100", "0000000000000000000000000000000000000000000000000000000000000000", 100u, 0u },
        { "100", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 100u, 0u },
        { "100", "61", 100u, 0u },
        { "100", "676f6c64656e", 100u, 0u },
        { "100,200", "01", 200u, 100u },
        { "100,200", "0102030405060708090a0b0c0d0e0f10", 200u, 100u },
        { "100,200", "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 100u, 200u },
        { "100,200", "737461626c655f6b6579", 200u, 100u },
        { "100,200", "737461626c655f6b65795f746f70696332", 100u, 200u },
        { "100,200", "0000000000000000000000000000000000000000000000000000000000000000", 200u, 100u },
        { "100,200", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 100u, 200u },
        { "100,200", "61", 100u, 200u },
        { "100,200", "676f6c64656e", 100u, 200u },
        { "300,100,200", "01", 200u, 300u },
        { "300,100,200", "0102030405060708090a0b0c0d0e0f10", 300u, 100u },
        { "300,100,200", "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 100u, 200u },
        { "300,100,200", "737461626c655f6b6579", 300u, 100u },
        { "300,100,200", "737461626c655f6b65795f746f70696332", 100u, 200u },
        { "300,100,200", "0000000000000000000000000000000000000000000000000000000000000000", 300u, 100u },
        { "300,100,200", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 100u, 200u },
        { "300,100,200", "61", 100u, 200u },
        { "300,100,200", "676f6c64656e", 100u, 200u },
        { "100,200,300,400,500", "01", 300u, 400u },
        { "100,200,300,400,500", "0102030405060708090a0b0c0d0e0f10", 300u, 400u },
        { "100,200,300,400,500", "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 500u, 100u },
        { "100,200,300,400,500", "737461626c655f6b6579", 400u, 500u },
        { "100,200,300,400,500", "737461626c655f6b65795f746f70696332", 100u, 200u },
        { "100,200,300,400,500", "0000000000000000000000000000000000000000000000000000000000000000", 400u, 500u },
        { "100,200,300,400,500", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 500u, 100u },
        { "100,200,300,400,500", "61", 500u, 100u },
        { "100,200,300,400,500", "676f6c64656e", 100u, 200u },
        { "100,200,300,400,500,600,700", "01", 400u, 500u },
        { "100,200,300,400,500,600,700", "0102030405060708090a0b0c0d0e0f10", 400u, 500u },
        { "100,200,300,400,500,600,700", "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 600u, 700u },
        { "100,200,300,400,500,600,700", "737461626c655f6b6579", 400u, 500u },
        { "100,200,300,400,500,600,700", "737461626c655f6b65795f746f70696332", 100u, 200u },
        { "100,200,300,400,500,600,700", "0000000000000000000000000000000000000000000000000000000000000000", 400u, 500u },
        { "100,200,300,400,500,600,700", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 600u, 700u },
        { "100,200,300,400,500,600,700", "61", 700u, 100u },
        { "100,200,300,400,500,600,700", "676f6c64656e", 100u, 200u },
        { "100,200", "d3cd", 100u, 200u },
        { "100,200,300", "6f19", 100u, 200u },
        { "100,200,300,400,500", "69d4", 100u, 200u },
        { "100,200,300,400,500,600,700", "28e3", 100u, 200u },
        { "100,200,300,400,500,600,700", "5f33", 100u, 200u },
    };

    [Theory, MemberData(nameof(Golden))]
    public void It_chooses_the_node_that_every_gateway_of_the_network_chooses(string ids, string identifier, uint first, uint second)
    {
        var nodes = SomeNodes.Of([.. ids.Split(',').Select(uint.Parse)]);
        var topic = new Topic(Envelopes.Topic(TopicKind.WelcomeMessages, Convert.FromHexString(identifier)));
        var selector = new StableSelector();
        Assert.Equal(first, selector.Select(nodes, topic, _ => false)!.Id);
        Assert.Equal(second, selector.Select(nodes, topic, id => id == first)?.Id ?? 0);
    }

    [Fact]
    public void A_key_package_and_a_welcome_of_one_installation_share_a_node()
    {
        var nodes = SomeNodes.Of(100, 200, 300);
        for (byte seed = 0; seed < 50; seed++)
        {
            var welcome = new Topic(Envelopes.Topic(TopicKind.WelcomeMessages, Envelopes.Id(32, seed)));
            var package = new Topic(Envelopes.Topic(TopicKind.KeyPackages, Envelopes.Id(32, seed)));
            Assert.Same(new StableSelector().Select(nodes, welcome, _ => false), new StableSelector().Select(nodes, package, _ => false));
        }
    }

    [Fact]
    public void Without_nodes_there_is_none() =>
        Assert.Null(new StableSelector().Select(NodeSet.Empty, new Topic(Envelopes.Topic(TopicKind.KeyPackages, [1])), _ => false));
}
