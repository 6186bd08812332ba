using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Costs;

/// <summary>
/// Clients to read money: the two registries on the settlement chain, and the App Chain. Each call has a timeout.
/// </summary>
internal sealed class CostChainClients : IDisposable
{
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(10);

    private readonly ChainClient _settlement;
    private readonly ChainClient _app;

    public CostChainClients(IOptions<ContractsOptions> options, TimeProvider time)
        : this(options.Value, time)
    {
    }

    internal CostChainClients(ContractsOptions options, TimeProvider time)
    {
        var (settlement, app) = (options.SettlementChain, options.AppChain);
        _settlement = new ChainClient(
            settlement.RpcUrl ?? throw new InvalidOperationException("the settlement chain has no RPC URL"), MaxAnswerTime, time);
        _app = new ChainClient(app.RpcUrl ?? throw new InvalidOperationException("the App Chain has no RPC URL"), MaxAnswerTime, time);
        RateRegistry = new RateRegistryContract(Settlement, settlement.RateRegistry);
        PayerRegistry = new PayerRegistryContract(Settlement, settlement.PayerRegistry);
        PageSize = settlement.BackfillBlockPageSize;
    }

    internal EthereumRpc Settlement => _settlement.Rpc;

    internal EthereumRpc App => _app.Rpc;

    /// <summary>The App Chain, with reads that come within a time as one: see <see cref="ChainClient.Batched"/>.</summary>
    internal EthereumRpc BatchedApp(TimeSpan window, Action<RpcError?> changed) => _app.Batched(window, changed);

    /// <summary>The settlement chain, with reads that come within a time as one.</summary>
    internal EthereumRpc BatchedSettlement(TimeSpan window, Action<RpcError?> changed) => _settlement.Batched(window, changed);

    /// <summary>How many requests of this process the settlement chain's endpoint failed, by kind.</summary>
    internal IReadOnlyDictionary<RpcErrorKind, long> SettlementFailures => _settlement.Failures;

    /// <summary>How many requests of this process the App Chain's endpoint failed, by kind.</summary>
    internal IReadOnlyDictionary<RpcErrorKind, long> AppFailures => _app.Failures;

    /// <summary>Whether the rates can be read: the address of their contract is configured.</summary>
    internal bool HasRates => !RateRegistry.Address.IsZero;

    /// <summary>Whether the payer's balance and charges can be read: the address of their contract is configured.</summary>
    internal bool HasPayers => !PayerRegistry.Address.IsZero;

    internal RateRegistryContract RateRegistry { get; }

    internal PayerRegistryContract PayerRegistry { get; }

    /// <summary>The max number of blocks in one query for logs.</summary>
    internal int PageSize { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _settlement.Dispose();
        _app.Dispose();
    }
}
