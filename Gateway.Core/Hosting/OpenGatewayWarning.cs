using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting;

/// <summary>Warns at start and every minute when everyone who reaches the gateway may spend the payer's money and nobody said that this is meant.</summary>
internal sealed partial class OpenGatewayWarning(
    IEnumerable<IPublishAuthorizer> authorizers, IOptions<AuthOptions> auth, IOptions<ContractsOptions> contracts, TimeProvider time, ILogger<OpenGatewayWarning> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (auth.Value.AllowAll || authorizers.Any() || contracts.Value.Environment == ContractsEnvironment.Local) return;
        using var timer = new PeriodicTimer(Every, time);
        do LogOpen(logger);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(1010, LogLevel.Warning, "ANYONE WHO REACHES THIS GATEWAY SPENDS THE PAYER'S MONEY: it has no authorizer. Add one (AddAuthorizer), or say that this is meant: --auth.allow-all (XMTPD_AUTH_ALLOW_ALL)")]
    private static partial void LogOpen(ILogger logger);
}
