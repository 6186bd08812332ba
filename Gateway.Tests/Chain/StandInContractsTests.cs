using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

public class StandInContractsTests(AnvilFixture chain) : IClassFixture<AnvilFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_checked_in_code_is_what_the_sources_compile_to()
    {
        var sources = Path.Combine(Repository(), "Gateway.DevNet", "Contracts");
        var compiled = await StandInCompiler.CompileAsync(sources, Cancel);

        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(sources, "artifacts.json"), Cancel), compiled);
    }

    [Fact]
    public async Task A_chain_that_has_contracts_keeps_them_unless_they_are_to_be_replaced()
    {
        byte[] own = [0x60, 0x00];
        await chain.Rpc.Transport.SendAsync("anvil_setCode", [ChainAddresses.NodeRegistry, own], Cancel);

        var put = await StandInContracts.DeployAsync(chain.Rpc, Cancel);
        var again = await StandInContracts.DeployAsync(chain.Rpc, Cancel);

        Assert.Equal(12, put.Count);
        Assert.DoesNotContain("NodeRegistry", put);
        Assert.Empty(again);
        Assert.Equal(own, (await chain.Rpc.GetCodeAsync(ChainAddresses.NodeRegistry, Cancel)).OrThrow().ToArray());
        Assert.Equal(["NodeRegistry"], await StandInContracts.DeployAsync(chain.Rpc, Cancel, replaceOther: true));
        Assert.Empty(await StandInContracts.DeployAsync(chain.Rpc, Cancel, replaceOther: true));
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Gateway.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
