using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Authorization;

/// <summary>
/// Warns at start and every hour when everyone who reaches the gateway may spend the payer's money and the
/// configuration does not allow that explicitly.
/// </summary>
/// <remarks>On mainnet such a gateway does not start (<c>OpenGatewayCheck</c>).</remarks>
internal sealed partial class OpenGatewayWarning(
    IEnumerable<IPublishAuthorizer> authorizers,
    IIdentityResolver identities,
    IOptions<AuthOptions> auth,
    IOptions<ContractsOptions> contracts,
    TimeProvider time,
    ILogger<OpenGatewayWarning> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Whether to warn.</summary>
    /// <remarks>
    /// Limits bound what strangers spend, but do not keep them out; every resolver but the one by address can.
    /// </remarks>
    internal static bool IsOpen(
        IIdentityResolver identities, IEnumerable<IPublishAuthorizer> authorizers, AuthOptions auth, ContractsOptions contracts) =>
        identities is ClientAddressIdentityResolver && !authorizers.Any() && !auth.AllowAll && !ContractsEnvironment.IsLocal(contracts);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsOpen(identities, authorizers, auth.Value, contracts.Value)) return;
        using var timer = new PeriodicTimer(Every, time);
        do LogOpen(logger);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    [LoggerMessage(
        EventIds.OpenGatewayWarningOpen,
        LogLevel.Warning,
        "ANYONE WHO REACHES THIS GATEWAY SPENDS THE PAYER'S MONEY: nothing distinguishes its own users from others. Set --auth.jwt.* or " +
            "--auth.allowlist, add an authorizer (AddAuthorizer), or confirm with --auth.allow-all (XMTPD_AUTH_ALLOW_ALL)")]
    private static partial void LogOpen(ILogger logger);
}
