using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

public class AnvilTests(AnvilFixture chain) : IClassFixture<AnvilFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_with_the_configured_chain_id()
    {
        Assert.Equal(31337ul, (await chain.Rpc.GetChainIdAsync(Ct)).OrThrow());
        Assert.Equal(0ul, (await chain.Rpc.GetBlockNumberAsync(Ct)).OrThrow());
        Assert.NotNull((await chain.Rpc.GetBlockAsync(BlockTag.Latest, Ct)).OrThrow()!.BaseFee);
    }

    [Fact]
    public async Task Two_run_side_by_side_on_ports_of_their_own()
    {
        await using var other = await Anvil.StartAsync(new AnvilOptions { ChainId = 4242 }, Ct);

        Assert.Equal(4242ul, (await other.Rpc.GetChainIdAsync(Ct)).OrThrow());
        Assert.NotEqual(chain.Anvil.HttpUrl, other.HttpUrl);
    }

    [Fact]
    public async Task A_long_chain_leaves_no_states_on_disk()
    {
        var folder = Directory.CreateTempSubdirectory("anvil-states-");
        try
        {
            await using (var other = await Anvil.StartAsync(new AnvilOptions { MoreArguments = ["--cache-path", folder.FullName] }, Ct))
            {
                (await other.Rpc.Transport.SendAsync("anvil_mine", ["0x4b0"], Ct)).OrThrow();
                Assert.Equal(1200ul, (await other.Rpc.GetBlockNumberAsync(Ct)).OrThrow());
            }

            Assert.Empty(folder.EnumerateFiles("*", SearchOption.AllDirectories));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_taken_port_is_reported_with_the_text_of_anvil()
    {
        var error = await Assert.ThrowsAsync<AnvilException>(
            () => Anvil.StartAsync(new AnvilOptions { Port = chain.Anvil.HttpUrl.Port }, Ct));

        Assert.Contains("in use", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Nothing_answers_after_it_was_disposed()
    {
        var other = await Anvil.StartAsync(new AnvilOptions(), Ct);
        await other.DisposeAsync();

        using var transport = new Xmtp.Gateway.Chain.JsonRpc.HttpRpcTransport(other.HttpUrl);
        var answer = await new EthereumRpc(transport).GetChainIdAsync(Ct);
        Assert.Equal(Xmtp.Gateway.Chain.JsonRpc.RpcErrorKind.Transport, answer.Error?.Kind);
    }
}
