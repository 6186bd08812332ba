using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;
using Xmtp.Gateway.MultiPayer;
using Xmtp.Gateway.Operator.Access;

namespace Xmtp.Gateway.Hosting;

/// <summary>The gateway's flags and variables: the groups of its features, in the order of <c>--help</c>.</summary>
internal static class GatewaySettings
{
    /// <summary>The gateway's name as a program.</summary>
    public const string Program = "xmtp-gateway";

    /// <summary>What the program does.</summary>
    public const string Title = "The XMTP payer gateway: signs what clients publish, and pays for it.";

    /// <summary>Creates the table.</summary>
    public static SettingTable Table() => new([
        new PayerKeySettings(),
        new PayersSettings(),
        new BroadcastNetworkSettings(),
        new ContractsSettings(),
        new AppChainTransactionSettings(),
        new IdempotencySettings(),
        new ApiSettings(),
        new ClientAddressSettings(),
        new AuthSettings(),
        new JwtSettings(),
        new LimitSettings(),
        new CostsSettings(),
        new FundsSettings(),
        new RedisSettings(), new MetricsSettings(), new OperatorSettings(), new TracingSettings(), new LogSettings(),
    ])
    {
        // A watcher may share the environment, and its settings begin so.
        IsOwnVariable = name => name.StartsWith("XMTPD_", StringComparison.OrdinalIgnoreCase)
            && !name.StartsWith("XMTPD_WATCHER_", StringComparison.OrdinalIgnoreCase),
        Commands = ["doctor", "payer", "estimate", "healthcheck", "help", "version"],
    };
}
