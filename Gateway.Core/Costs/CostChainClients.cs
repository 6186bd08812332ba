using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Costs;

/// <summary>Where money is read: the two registries on the settlement chain, and the App Chain. Each call is bounded.</summary>
internal sealed class CostChainClients : IDisposable
{
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(10);

    private readonly HttpRpcTransport _settlementTransport;
    private readonly HttpRpcTransport _appTransport;

    public CostChainClients(IOptions<ContractsOptions> options, TimeProvider time)
        : this(options.Value, time)
    {
    }

    internal CostChainClients(ContractsOptions options, TimeProvider time)
    {
        var (settlement, app) = (options.SettlementChain, options.AppChain);
        _settlementTransport = new HttpRpcTransport(
            settlement.RpcUrl ?? throw new InvalidOperationException("the settlement chain has no RPC URL"));
        _appTransport = new HttpRpcTransport(app.RpcUrl ?? throw new InvalidOperationException("the App Chain has no RPC URL"));
        Settlement = new EthereumRpc(new TimedRpcTransport(_settlementTransport, MaxAnswerTime, time));
        App = new EthereumRpc(new TimedRpcTransport(_appTransport, MaxAnswerTime, time));
        RateRegistry = new RateRegistryContract(Settlement, settlement.RateRegistry);
        PayerRegistry = new PayerRegistryContract(Settlement, settlement.PayerRegistry);
        PageSize = settlement.BackfillBlockPageSize;
    }

    internal EthereumRpc Settlement { get; }

    internal EthereumRpc App { get; }

    internal RateRegistryContract RateRegistry { get; }

    internal PayerRegistryContract PayerRegistry { get; }

    /// <summary>How many blocks one question for logs spans at most.</summary>
    internal int PageSize { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _settlementTransport.Dispose();
        _appTransport.Dispose();
    }
}
