using System.Reflection;

namespace Xmtp.Gateway.Tests.TestSupport;

public class HouseTests
{
    [Fact]
    public void The_protocol_and_the_chain_know_nothing_of_each_other()
    {
        Assert.DoesNotContain(References(typeof(Xmtp.Gateway.Protocol.Envelopes.EnvelopeReader)), name => name == "Gateway.Chain");
    }

    [Fact]
    public void Transactions_know_the_chain_and_not_what_they_carry()
    {
        var references = References(typeof(Xmtp.Gateway.Transactions.TransactionRequest)).Where(name => name.Contains("Gateway", StringComparison.Ordinal));
        Assert.Equal(["Gateway.Chain", "Gateway.Crypto"], references.Select(name => name.Replace("Xmtp.", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> References(Type type) => type.Assembly.GetReferencedAssemblies().Select((AssemblyName name) => name.Name!);
}
