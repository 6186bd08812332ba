using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A real Anvil with the stand-in contracts, for a test class: <c>IClassFixture&lt;DevChainFixture&gt;</c>.</summary>
public sealed class DevChainFixture : IAsyncLifetime
{
    private readonly AnvilFixture chain = new();
    private DevChain? devChain;

    public Anvil Anvil => chain.Anvil;

    public EthereumRpc Rpc => chain.Rpc;

    public DevChain Chain => devChain ?? throw new InvalidOperationException("the chain has not started");

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(TestLimit.Max);
        await chain.InitializeAsync();
        await StandInContracts.DeployAsync(chain.Rpc, timeout.Token);
        devChain = new DevChain(chain.Rpc);
    }

    public ValueTask DisposeAsync() => chain.DisposeAsync();
}
