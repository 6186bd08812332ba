using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

public class AnvilTests(AnvilFixture chain) : IClassFixture<AnvilFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_with_the_configured_chain_id()
    {
        Assert.Equal(31337ul, (await chain.Rpc.GetChainIdAsync(Cancel)).OrThrow());
        Assert.Equal(0ul, (await chain.Rpc.GetBlockNumberAsync(Cancel)).OrThrow());
        Assert.NotNull((await chain.Rpc.GetBlockAsync(BlockTag.Latest, Cancel)).OrThrow()!.BaseFee);
    }

    [Fact]
    public async Task Two_run_side_by_side_on_ports_of_their_own()
    {
        await using var other = await Anvil.StartAsync(new AnvilOptions { ChainId = 4242 }, Cancel);

        Assert.Equal(4242ul, (await other.Rpc.GetChainIdAsync(Cancel)).OrThrow());
        Assert.NotEqual(chain.Anvil.HttpUrl, other.HttpUrl);
    }

    [Fact]
    public async Task A_long_chain_leaves_no_states_on_disk()
    {
        var folder = Directory.CreateTempSubdirectory("anvil-states-");
        try
        {
            await using (var other = await Anvil.StartAsync(new AnvilOptions { MoreArguments = ["--cache-path", folder.FullName] }, Cancel))
            {
                (await other.Rpc.Transport.SendAsync("anvil_mine", ["0x4b0"], Cancel)).OrThrow();
                Assert.Equal(1200ul, (await other.Rpc.GetBlockNumberAsync(Cancel)).OrThrow());
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
            () => Anvil.StartAsync(new AnvilOptions { Port = chain.Anvil.HttpUrl.Port }, Cancel));

        Assert.Contains("in use", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Nothing_answers_after_it_was_disposed()
    {
        var other = await Anvil.StartAsync(new AnvilOptions(), Cancel);
        await other.DisposeAsync();

        using var transport = new Xmtp.Gateway.Chain.JsonRpc.HttpRpcTransport(other.HttpUrl);
        var answer = await new EthereumRpc(transport).GetChainIdAsync(Cancel);
        Assert.Equal(Xmtp.Gateway.Chain.JsonRpc.RpcErrorKind.Transport, answer.Error?.Kind);
    }
}
