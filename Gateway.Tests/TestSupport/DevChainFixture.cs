using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A real Anvil with the stand-in contracts, for a test class: <c>IClassFixture&lt;DevChainFixture&gt;</c>.</summary>
public sealed class DevChainFixture : IAsyncLifetime
{
    private readonly AnvilFixture _chain = new();
    private DevChain? _devChain;

    public Anvil Anvil => _chain.Anvil;

    public EthereumRpc Rpc => _chain.Rpc;

    public DevChain Chain => _devChain ?? throw new InvalidOperationException("the chain has not started");

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(TestLimit.Max);
        await _chain.InitializeAsync();
        await StandInContracts.DeployAsync(_chain.Rpc, timeout.Token);
        _devChain = new DevChain(_chain.Rpc);
    }

    public ValueTask DisposeAsync() => _chain.DisposeAsync();
}
