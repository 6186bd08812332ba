using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A real Anvil for a test class: <c>IClassFixture&lt;AnvilFixture&gt;</c>. It mines each transaction at once.</summary>
public sealed class AnvilFixture : IAsyncLifetime
{
    private Anvil? _anvil;

    public Anvil Anvil => _anvil ?? throw new InvalidOperationException("the chain has not started");

    public EthereumRpc Rpc => Anvil.Rpc;

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(TestLimit.Max);
        _anvil = await Anvil.StartAsync(new AnvilOptions(), timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_anvil is not null) await _anvil.DisposeAsync();
    }
}
