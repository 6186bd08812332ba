using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes;

namespace Xmtp.Gateway.DevNet;

/// <summary>Sets the network up on the chain: its rates, its payer's money and its nodes.</summary>
/// <remarks>
/// On a given chain it only does what that chain permits: a refused change becomes a line of <see cref="Notes"/>, not an
/// error. What the contracts reserve for an administrator or an owner is sent as them.
/// </remarks>
internal sealed class ChainSetup(DevChain chain, bool chainIsOurs)
{
    // $1,000: at the rates below, a hundred thousand messages of 1 KB cost about $3.
    private static readonly Microdollars Deposit = new(1_000_000_000);
    private static readonly Rates DevRates =
        new(MessageFee: 10_000_000, StorageFee: 300, CongestionFee: 5_000_000, TargetRatePerMinute: 6_000, StartTime: 1);
    private static readonly Wei GasMoney = Wei.FromEther(10_000);
    private readonly List<string> _notes = [];
    private int _othersNodes;

    /// <summary>The changes that the chain refused, one per line.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Adds rates if there are none, and funds the payer.</summary>
    /// <returns>
    /// The chain facts for the nodes; null when the payer has no balance there, so that nodes must not check it.
    /// </returns>
    public async Task<ChainFacts?> PrepareMoneyAsync(EthereumAddress payer, TimeProvider time, CancellationToken cancellationToken)
    {
        var rates = new RateRegistryContract(chain.Rpc, ChainAddresses.RateRegistry);
        var payers = new PayerRegistryContract(chain.Rpc, ChainAddresses.PayerRegistry);
        if ((await rates.GetRatesCountAsync(cancellationToken)).OrThrow() == 0)
            await TryAsync("add rates", () => chain.AddRatesAsync(DevRates, cancellationToken));
        if ((await chain.Rpc.GetBalanceAsync(payer, BlockTag.Latest, cancellationToken)).OrThrow() == default(Wei))
            await TryAsync("fund the payer's gas", () => chain.SetBalanceAsync(payer, GasMoney, cancellationToken));
        if ((await payers.GetBalanceAsync(payer, cancellationToken)).OrThrow() < Deposit)
            await TryAsync("deposit for the payer", () => chain.DepositAsync(payer, Deposit, cancellationToken));

        if ((await payers.GetBalanceAsync(payer, cancellationToken)).OrThrow() > default(Microdollars))
            return new ChainFacts(chain.Rpc, rates, payers, time);
        _notes.Add($"the payer {payer} has no balance in the PayerRegistry: the local nodes publish for it nevertheless");
        return null;
    }

    /// <summary>Adds a node to the network, with its current address.</summary>
    public async Task RegisterAsync(DevNode node, CancellationToken cancellationToken)
    {
        var address = node.Address.GetLeftPart(UriPartial.Authority);
        var all = (await new NodeRegistryContract(chain.Rpc, ChainAddresses.NodeRegistry).GetAllNodesAsync(cancellationToken)).OrThrow();
        var known = all.FirstOrDefault(entry => entry.NodeId == node.Id);
        if (known is not null && !known.SigningPublicKey.Span.SequenceEqual(node.PublicKey.Span))
        {
            _notes.Add($"node {node.Id} belongs to another network on this chain ({known.HttpAddress}): the local one is not registered");
            _othersNodes++;
            return;
        }

        // The real registry assigns ids in order: this node gets its id only if all lower ids are assigned.
        if (!chainIsOurs
            && known is null
            && (all.Count + 1) * 100 == node.Id
            && await chain.FindNodeAdministratorAsync(cancellationToken) is not null)
        {
            await TryAsync($"add node {node.Id}", () => chain.RegisterNextNodeAsync(node.PublicKey, address, cancellationToken));
            return;
        }

        if (known is null)
        {
            await TryAsync($"add node {node.Id}", () => chain.AddNodeAsync(node.Id, node.PublicKey, address, cancellationToken));
        }
        else if (known.HttpAddress != address)
            await TryAsync($"move node {node.Id}", () => chain.SetHttpAddressAsync(node.Id, address, cancellationToken));
        if (known is not { IsCanonical: true })
            await TryAsync($"make node {node.Id} canonical", () => chain.AddToNetworkAsync(node.Id, cancellationToken));
    }

    /// <summary>Notes how to get a node into the network when every id of the local ones is another network's.</summary>
    /// <param name="localNodes">How many nodes were to be registered.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task NoteFreeIdAsync(int localNodes, CancellationToken cancellationToken)
    {
        if (localNodes == 0 || _othersNodes < localNodes) return;
        var all = (await new NodeRegistryContract(chain.Rpc, ChainAddresses.NodeRegistry).GetAllNodesAsync(cancellationToken)).OrThrow();
        _notes.Add($"the gateway publishes to that network's nodes alone: --nodes {all.Count + 1} starts one with a free id");
    }

    private async Task TryAsync(string what, Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (RpcException exception) when (!chainIsOurs)
        {
            _notes.Add(
                $"could not {what}: " +
                $"{(exception.Error.Kind == RpcErrorKind.Reverted ? RevertReason.Of(exception.Error.Data) : exception.Message)}");
        }
    }
}
