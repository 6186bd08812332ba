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
using Xmtp.Gateway.Operator.Access;

namespace Xmtp.Gateway.Hosting;

/// <summary>The gateway's flags and variables: the groups of its features, in the order of <c>--help</c>.</summary>
internal static class GatewaySettings
{
    /// <summary>The gateway's name as a program.</summary>
    public const string Program = "xmtp-gateway";

    private const string Title = "The XMTP payer gateway: signs what clients publish, and pays for it.";
    private const string Doctor =
        $"       {Program} doctor         check all that a gateway with these settings needs, without starting one; exit code 0, 1 or 2";
    private const string Payer =
        $"       {Program} payer          the payer's money: status, deposit, withdraw, mint, new-key; payer help lists them";
    private const string Estimate =
        $"       {Program} estimate       what a month of publishing costs at the current rates; estimate help lists its figures";

    /// <summary>Creates the table.</summary>
    public static SettingTable Table() => new([
        new PayerKeySettings(),
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
    };

    /// <summary>The text that <c>--help</c> prints.</summary>
    public static string Help(SettingTable table) => HelpText.Of(table, Title, Program, Doctor, Payer, Estimate);
}
