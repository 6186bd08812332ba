using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// Logs at start what an operator needs: the deployment, the wallet, the curve, who may publish and how much, the
/// store, the ports.
/// </summary>
internal sealed partial class StartLog(
    ILogger<StartLog> logger,
    PayerAddresses payers,
    GatewayAddresses addresses,
    IOptions<ContractsOptions> contracts,
    IOptions<RedisOptions> redis,
    IIdentityResolver identities, IEnumerable<IPublishAuthorizer> authorizers, IOptions<LimitsOptions> limits)
{
    private const int MaxNamed = 100;

    /// <summary>Writes the lines, once the ports are open.</summary>
    public void Write()
    {
        var (app, settlement) = (contracts.Value.AppChain, contracts.Value.SettlementChain);
        LogChains(
            logger, contracts.Value.Environment ?? "custom", app.ChainId, Show(app.RpcUrl), settlement.ChainId, Show(settlement.RpcUrl));
        if (settlement.RateRegistry.IsZero) LogWithoutRates(logger);
        if (settlement.PayerRegistry.IsZero) LogWithoutPayers(logger);
        List<PayerAddress> inForce = [.. payers.All.Where(one => one.IsInForce)];
        if (inForce.Count > MaxNamed) LogPayers(logger, inForce.Count, Secp256k1.Default.Name);
        else foreach (var payer in inForce) LogPayer(payer);

        LogRules(logger, Asking, authorizers.Count(), limits.Value.Rates.Count, limits.Value.Budgets.Count);
        if (!redis.Value.IsConfigured) LogMemory(logger);
        else LogRedis(logger, redis.Value.KeyPrefix);
        LogPorts(logger, addresses.Main?.ToString(), addresses.Http?.ToString() ?? "none", addresses.Metrics?.ToString() ?? "none");
    }

    private void LogPayer(PayerAddress payer)
    {
        if (payer.Name is null) LogPayer(logger, payer.Address, Secp256k1.Default.Name);
        else LogNamedPayer(logger, payer.Name, payer.Address, Secp256k1.Default.Name);
    }

    private string Asking => identities switch
    {
        ClientAddressIdentityResolver => "address",
        JwtIdentityResolver => "token",
        ICreatedPerCall created => created.TypeName,
        _ => identities.GetType().Name,
    };

    private static string Show(Uri? url) => url is null ? "none" : RedactedUrl.Of(url);

    [LoggerMessage(
        Gateway.EventIds.StartChains,
        LogLevel.Information,
        "environment {Environment}: App Chain {AppChainId} at {AppChainUrl}, settlement chain {SettlementChainId} at {SettlementChainUrl}")]
    private static partial void LogChains(
        ILogger logger, string environment, ulong appChainId, string appChainUrl, ulong settlementChainId, string settlementChainUrl);

    [LoggerMessage(
        Gateway.EventIds.StartWithoutRates,
        LogLevel.Warning,
        "--contracts.settlement-chain.rate-registry-address is not given: publishes are not priced, and jumping rates do not pause them")]
    private static partial void LogWithoutRates(ILogger logger);

    [LoggerMessage(
        Gateway.EventIds.StartWithoutPayers,
        LogLevel.Warning,
        "--contracts.settlement-chain.payer-registry-address is not given: the payer's balance and charges are not read")]
    private static partial void LogWithoutPayers(ILogger logger);

    [LoggerMessage(Gateway.EventIds.StartPayer, LogLevel.Information, "the payer is {Payer}; signatures by {Curve}")]
    private static partial void LogPayer(ILogger logger, EthereumAddress payer, string curve);

    [LoggerMessage(Gateway.EventIds.StartNamedPayer, LogLevel.Information, "the payer {Name} is {Payer}; signatures by {Curve}")]
    private static partial void LogNamedPayer(ILogger logger, string name, EthereumAddress payer, string curve);

    [LoggerMessage(Gateway.EventIds.StartManyPayers, LogLevel.Information, "there are {Count} payers; signatures by {Curve}")]
    private static partial void LogPayers(ILogger logger, int count, string curve);

    [LoggerMessage(
        Gateway.EventIds.StartMemory,
        LogLevel.Information,
        "state is kept in memory: this gateway must be the only one with this payer")]
    private static partial void LogMemory(ILogger logger);

    [LoggerMessage(Gateway.EventIds.StartRedis, LogLevel.Information, "state is kept in Redis, under {KeyPrefix}")]
    private static partial void LogRedis(ILogger logger, string keyPrefix);

    [LoggerMessage(
        Gateway.EventIds.StartRules,
        LogLevel.Information,
        "clients are identified by {Asking}; authorizers: {Authorizers}, limits: {Limits}, budgets: {Budgets}")]
    private static partial void LogRules(ILogger logger, string asking, int authorizers, int limits, int budgets);

    [LoggerMessage(
        Gateway.EventIds.StartPorts,
        LogLevel.Information,
        "started api server: gRPC, gRPC-Web and Connect on {Main}, HTTP/1.1 on {Http}, metrics on {Metrics}")]
    private static partial void LogPorts(ILogger logger, string? main, string http, string metrics);
}
