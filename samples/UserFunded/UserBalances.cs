using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Samples.UserFunded;

/// <summary>The balances of users' wallets in the payer registry, each read at most every 10 s and only for users who publish.</summary>
public sealed class UserBalances(IOptions<ContractsOptions> contracts) : IDisposable
{
    private const int MaxKept = 10_000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxReadTime = TimeSpan.FromSeconds(2);

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MaxKept });
    private readonly Lazy<HttpRpcTransport> _chain = new(() => new HttpRpcTransport(contracts.Value.SettlementChain.RpcUrl!));

    /// <summary>The balance of a wallet, 10 s old at most.</summary>
    /// <returns>Null when the chain did not answer.</returns>
    public Task<Microdollars?> ReadAsync(EthereumAddress wallet, CancellationToken cancellationToken) => _kept.GetOrCreate(
        wallet,
        entry =>
        {
            entry.SetSize(1).SetAbsoluteExpiration(KeptFor);
            return FetchAsync(wallet);
        })!.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _kept.Dispose();
        if (_chain.IsValueCreated) _chain.Value.Dispose();
    }

    private async Task<Microdollars?> FetchAsync(EthereumAddress wallet)
    {
        var registry = new PayerRegistryContract(new EthereumRpc(_chain.Value), contracts.Value.SettlementChain.PayerRegistry);
        using var timeout = new CancellationTokenSource(MaxReadTime);
        try
        {
            return (await registry.GetBalanceAsync(wallet, timeout.Token)).TryGet(out var balance, out _) ? balance : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
