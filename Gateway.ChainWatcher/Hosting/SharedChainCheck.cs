using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>
/// Requires the settlement chain's id where there is a shared store: it is part of the names of the checkpoints and of the
/// channel to the gateways.
/// </summary>
internal sealed class SharedChainCheck(UncheckedOptions<ContractsOptions> contracts, UncheckedOptions<RedisOptions> redis) : IStartCheck
{
    private const string Fault =
        "--contracts.settlement-chain.chain-id (XMTPD_SETTLEMENT_CHAIN_CHAIN_ID): required with Redis, unless --contracts.environment or " +
        "a contracts file gives it";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>(
            redis.Value.IsConfigured && contracts.Value.SettlementChain.ChainId == 0 ? [Fault] : []);
}
