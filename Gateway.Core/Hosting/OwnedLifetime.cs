using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.Hosting;

/// <summary>Takes no signals: the code that started the gateway stops it.</summary>
internal sealed class OwnedLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
