namespace Xmtp.Gateway.Tests.TestSupport;

public class HouseTests
{
    [Fact]
    public void The_protocol_and_the_chain_know_nothing_of_each_other()
    {
        Assert.DoesNotContain(typeof(Xmtp.Gateway.Protocol.Envelopes.EnvelopeReader).Assembly.GetReferencedAssemblies(), name => name.Name == "Gateway.Chain");
    }
}
