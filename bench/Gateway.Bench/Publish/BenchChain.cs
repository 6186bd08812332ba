using System.Globalization;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
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

    /// <summary>Starts the node of every measurement, and a chain whose registry has it.</summary>
    /// <param name="parts">Where both are added.</param>
    /// <param name="options">How the chain mines.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="node">More arguments of the node.</param>
    public static async Task<(Anvil Chain, string Node)> StartWithNodeAsync(
        StartedParts parts, AnvilOptions options, CancellationToken cancellationToken, params string[] node)
    {
        var id = PublishRequest.NodeId.ToString(CultureInfo.InvariantCulture);
        var (_, url) = await parts.StartServerAsync(
            "the node", DotnetProgram.Bench(["node", id, Stage.NodeKey, .. node]), cancellationToken);
        var chain = await StartAsync(PublishRequest.NodeId, new Uri(url), Stage.Signer(Stage.NodeKey), options, cancellationToken);
        return (parts.Add(chain), url);
    }
}
