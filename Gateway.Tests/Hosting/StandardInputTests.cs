using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>The stock gateway under a program that holds the other end of its standard input.</summary>
public sealed class StandardInputTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    [Fact]
    public async Task A_gateway_that_is_told_so_stops_well_when_its_standard_input_is_closed()
    {
        await using var gateway = Start(chain.Anvil.HttpUrl, "--api.stop-on-stdin-close");
        await gateway.ReadUntilAsync(line => line.Contains("started api server:", StringComparison.Ordinal));
        await gateway.Input.WriteLineAsync("ignored");
        gateway.Input.Close();
        await gateway.ReadUntilAsync(line => line.Contains("the standard input was closed", StringComparison.Ordinal));
        await gateway.ReadUntilAsync(line => line.Contains("has stopped", StringComparison.Ordinal));
        Assert.Equal((0, ""), (await gateway.WaitAsync(), gateway.Errors));
    }

    [Fact]
    public async Task It_ends_at_once_when_that_happens_while_it_waits_for_a_chain()
    {
        await using var gateway = Start(
            new Uri("http://127.0.0.1:1"), "--api.stop-on-stdin-close", "--contracts.start-timeout=1h");
        gateway.Input.Close();
        Assert.Equal((0, ""), (await gateway.WaitAsync(), gateway.Errors));
    }

    [Fact]
    public async Task Otherwise_a_closed_standard_input_means_nothing()
    {
        await using var gateway = Start(chain.Anvil.HttpUrl);
        gateway.Input.Close();
        await gateway.ReadUntilAsync(line => line.Contains("started api server:", StringComparison.Ordinal));
        await gateway.SignalAsync("TERM");
        await gateway.ReadUntilAsync(line => line.Contains("has stopped", StringComparison.Ordinal));
        Assert.Equal(0, await gateway.WaitAsync());
        Assert.DoesNotContain("standard input", gateway.Output, StringComparison.Ordinal);
    }

    private static TestProcess Start(Uri rpc, params string[] more)
    {
        var start = StockProgram.Start(
        [
            $"--payer.private-key={GatewayUnderTest.Key}", "--contracts.environment=anvil", $"--contracts.app-chain.rpc-url={rpc}",
            $"--contracts.settlement-chain.rpc-url={rpc}", "--api.port=0", "--api.http-port=-1", "--api.bind-address=127.0.0.1",
            "--api.shutdown-delay=0", .. more,
        ]);
        start.RedirectStandardInput = true;
        return TestProcess.Start(start);
    }
}
