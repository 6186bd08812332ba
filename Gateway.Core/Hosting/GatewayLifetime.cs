using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// Runs the start checks before the host creates anything or listens; in a program of its own a second Ctrl-C ends the process at once.
/// </summary>
/// <remarks>It wraps the lifetime that was registered before, which still handles its own signals.</remarks>
internal sealed class GatewayLifetime(IHostLifetime inner, IServiceProvider services) : IHostLifetime, IDisposable
{
    private const int InterruptedExitCode = 130; // 128 + SIGINT, as a shell reports it

    private PosixSignalRegistration? _interrupts;
    private int _seen;

    /// <inheritdoc/>
    public async Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<StandardInputWatch>().Begin();
        await services.GetRequiredService<StartChecks>().RunAsync(cancellationToken).ConfigureAwait(false);
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(services.GetRequiredService<StartLog>().Write);
        if (XmtpGatewayProgram.OwnsProcess) _interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt);
        await inner.WaitForStartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => inner.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupts?.Dispose();
        (inner as IDisposable)?.Dispose();
    }

    // The inner lifetime cancels the signal and stops the host; a second interrupt means that the user does not want to wait.
    private void OnInterrupt(PosixSignalContext signal)
    {
        if (Interlocked.Increment(ref _seen) > 1) XmtpGatewayProgram.Exit(InterruptedExitCode);
    }
}
