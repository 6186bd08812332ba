using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>
/// Stops the host on SIGHUP as on SIGTERM: a closed terminal ends it cleanly. An ignored signal, as by nohup, stays ignored.
/// </summary>
internal sealed class HangupSignal(IHostApplicationLifetime lifetime) : IHostedService, IDisposable
{
    private PosixSignalRegistration? _registration;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            lifetime.StopApplication();
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _registration?.Dispose();
}
