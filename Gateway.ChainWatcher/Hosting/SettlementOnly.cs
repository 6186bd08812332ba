using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>
/// Logs at the start that the settlement chain alone is followed: a warning if settings say that the App Chain was to be
/// followed too.
/// </summary>
/// <remarks>A WebSocket URL of the App Chain without its URL is a fault, as no part of the watcher can use it.</remarks>
internal sealed partial class SettlementOnly(
    SettingTable table,
    IConfiguration configuration,
    UncheckedOptions<ContractsOptions> contracts,
    IOptions<RedisOptions> redis,
    ILogger<SettlementOnly> logger) : IHostedService
{
    private const string AppChain = "contracts.app-chain.";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (contracts.Value.AppChain.RpcUrl is not null) return Task.CompletedTask;
        var given = string.Join(", ", Given());
        if (given.Length > 0) LogSettings(logger, given);
        if (redis.Value.IsConfigured) LogRedis(logger);
        if (given.Length == 0 && !redis.Value.IsConfigured) LogAlone(logger);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<string> Given() => table.Settings
        .Where(row => row.Flag.StartsWith(AppChain, StringComparison.Ordinal) && !row.HasNoEffect && row.Given(configuration) is not null)
        .Select(row => row.Name);

    [LoggerMessage(
        EventIds.SettlementOnly, LogLevel.Information, "there is no URL of the App Chain: the settlement chain alone is followed")]
    private static partial void LogAlone(ILogger logger);

    [LoggerMessage(
        EventIds.SettlementOnlySettings,
        LogLevel.Warning,
        "there is no URL of the App Chain: the settlement chain alone is followed, and these settings have no effect: {Given}; " +
            "expected --contracts.app-chain.rpc-url (XMTPD_APP_CHAIN_RPC_URL) with them")]
    private static partial void LogSettings(ILogger logger, string given);

    [LoggerMessage(
        EventIds.SettlementOnlyRedis,
        LogLevel.Warning,
        "there is no URL of the App Chain: the settlement chain alone is followed, and gateways on this Redis learn of pauses and " +
            "payload bounds only by their own reading; expected --contracts.app-chain.rpc-url (XMTPD_APP_CHAIN_RPC_URL) with " +
            "--redis.redis-url (XMTPD_REDIS_URL)")]
    private static partial void LogRedis(ILogger logger);
}
