using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>An Anvil with the stand-in contracts, and one node in the registry.</summary>
internal static class BenchChain
{
    /// <summary>Starts it.</summary>
    public static async Task<Anvil> StartAsync(
        uint nodeId, Uri nodeUrl, PrivateKeySigner node, AnvilOptions options, CancellationToken cancellationToken)
    {
        var anvil = await Anvil.StartAsync(options, cancellationToken);
        try
        {
            await StandInContracts.DeployAsync(anvil.Rpc, cancellationToken);
            await new DevChain(anvil.Rpc).RegisterNodeAsync(nodeId, node.PublicKey, nodeUrl, cancellationToken);
            return anvil;
        }
        catch
        {
            await anvil.DisposeAsync();
            throw;
        }
    }
}
