using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Gives portions of limits back when the gateway stops.</summary>
internal sealed class PortionReturn(IUsageLimitStore store) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) =>
        store is PortionedUsageLimitStore portioned ? portioned.CloseAsync() : Task.CompletedTask;
}
