using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>Nodes say FAILED_PRECONDITION to a publish for the payer's balance alone, and hide the text.</summary>
public class EmptyBalanceTests
{
    private static readonly NodeBehaviour Empty = Faults.Refuses(StatusCode.FailedPrecondition, "request has failed");

    [Fact]
    public async Task Two_nodes_that_say_so_are_an_empty_balance_with_a_critical_line_and_a_label()
    {
        using var logs = new CapturedLogs();
        await using var rig = await PublishRig.StartAsync(3, services => services.AddSingleton<ILoggerProvider>(logs));
        using var measured = new Measured(
            rig.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "Xmtp.Gateway.Publishing");
        foreach (var node in rig.Nodes) node.Behaviour = Empty;
        foreach (var outcome in await Task.WhenAll(Callers.Messages().Select(message => rig.PublishAsync(message))))
            Assert.Equal("PAYER_BALANCE_EMPTY", outcome.Failure(PublishErrorKind.FailedPrecondition).Reason);
        Assert.Equal([16, 16, 0], rig.Calls);
        Assert.Equal(16, measured.Sum("xmtp_gateway_publish_refused_by_node", ("reason", "PAYER_BALANCE_EMPTY")));
        var line = Assert.Single(logs.Lines, line => line.StartsWith("Critical", StringComparison.Ordinal));
        Assert.Contains(Payers.Signer().Address.ToString(), line);
        Assert.Contains("The chain has unknown microdollars", line);
        Assert.Contains("picodollars of this gateway", line);
    }

    [Fact]
    public async Task The_statement_of_one_node_is_not_trusted()
    {
        using var logs = new CapturedLogs();
        await using var rig = await PublishRig.StartAsync(2, services => services.AddSingleton<ILoggerProvider>(logs));
        rig.Nodes[0].Behaviour = Empty;
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(200u);
        Assert.DoesNotContain(logs.Lines, line => line.StartsWith("Critical", StringComparison.Ordinal));
    }
}
