using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>
/// The contracts of the network as this project wrote them for laptops, with the functions, events and errors of the
/// real ones that a gateway and its tests need. What needs an administrator there is open to everyone here.
/// </summary>
public static class StandInContracts
{
    private const string Artifacts = "Xmtp.Gateway.DevNet.Contracts.artifacts.json";

    /// <summary>The code that is put on the chain, by the contract's name.</summary>
    public static IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Code { get; } = ReadCode();

    private static (string Name, EthereumAddress Address)[] Places =>
    [
        ("GroupMessageBroadcaster", ChainAddresses.GroupMessageBroadcaster),
        ("IdentityUpdateBroadcaster", ChainAddresses.IdentityUpdateBroadcaster),
        ("NodeRegistry", ChainAddresses.NodeRegistry),
        ("RateRegistry", ChainAddresses.RateRegistry),
        ("PayerRegistry", ChainAddresses.PayerRegistry),
        ("PayerReportManager", ChainAddresses.PayerReportManager),
    ];

    /// <summary>Puts the contracts at the addresses of the anvil environment, each where there is no code yet.</summary>
    /// <param name="rpc">The chain.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="replaceOther">
    /// Also where there is other code, such as that of an earlier version on a chain that was kept; what the contracts
    /// store stays.
    /// </param>
    /// <returns>
    /// The names of those that were put. None means that the chain has contracts of its own, such as the real ones, or
    /// these from before; they are left as they are.
    /// </returns>
    /// <exception cref="RpcException">The chain is not an Anvil, or did not answer.</exception>
    public static async Task<IReadOnlyList<string>> DeployAsync(
        EthereumRpc rpc, CancellationToken cancellationToken, bool replaceOther = false)
    {
        var put = new List<string>();
        foreach (var (name, address) in Places)
        {
            var there = (await rpc.GetCodeAsync(address, cancellationToken)).OrThrow();
            if (replaceOther ? there.Span.SequenceEqual(Code[name].Span) : !there.IsEmpty) continue;
            (await rpc.Transport.SendAsync("anvil_setCode", [address, Code[name]], cancellationToken)).OrThrow();
            put.Add(name);
        }

        return put;
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> ReadCode()
    {
        using var stream = typeof(StandInContracts).Assembly.GetManifestResourceStream(Artifacts)!;
        using var json = JsonDocument.Parse(stream);
        return json.RootElement.GetProperty("contracts")
            .EnumerateObject()
            .ToDictionary(contract => contract.Name, contract => RpcValue.Data(contract.Value));
    }
}
