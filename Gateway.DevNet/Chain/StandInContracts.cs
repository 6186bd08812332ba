using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>
/// This project's stand-ins for the contracts of the network, with those functions, events and errors of the real ones
/// that a gateway, nodes and the network's tools need. What the real ones reserve for an administrator is open to
/// <see cref="DevAccounts.SettingsAdministrator"/>, as on a real local chain, and to <see cref="DevAccounts.Administrator"/>.
/// </summary>
public static class StandInContracts
{
    private const string Artifacts = "Xmtp.Gateway.DevNet.Contracts.artifacts.json";

    /// <summary>The runtime code of the contracts, by name.</summary>
    public static IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Code { get; } = ReadCode();

    private static (string Name, EthereumAddress Address)[] Places =>
    [
        ("GroupMessageBroadcaster", ChainAddresses.GroupMessageBroadcaster),
        ("IdentityUpdateBroadcaster", ChainAddresses.IdentityUpdateBroadcaster),
        ("NodeRegistry", ChainAddresses.NodeRegistry),
        ("RateRegistry", ChainAddresses.RateRegistry),
        ("PayerRegistry", ChainAddresses.PayerRegistry),
        ("PayerReportManager", ChainAddresses.PayerReportManager),
        ("FeeToken", ChainAddresses.FeeToken),
        ("UnderlyingFeeToken", ChainAddresses.UnderlyingFeeToken),
        ("ParameterRegistry", ChainAddresses.ParameterRegistry),
        ("DistributionManager", ChainAddresses.DistributionManager),
        ("SettlementChainGateway", ChainAddresses.SettlementChainGateway),
        ("AppChainGateway", ChainAddresses.AppChainGateway),
        ("Multicall3", Multicall3Contract.Address),
    ];

    /// <summary>Sets the contracts' code at the addresses of the anvil environment, wherever there is no code yet.</summary>
    /// <param name="rpc">The chain.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <param name="replaceOther">
    /// Also replaces other code, such as that of an earlier version on a persisted chain; the contracts' storage stays.
    /// </param>
    /// <returns>
    /// The names of the contracts that were set. None means that the chain already has contracts, the real ones or
    /// these, which are left unchanged.
    /// </returns>
    /// <exception cref="RpcException">The chain is not an Anvil, or did not respond.</exception>
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
