using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Starts payers: with the gateway, or when one is first used. Calls for one payer share its start, and wait for no other's.
/// </summary>
internal sealed partial class PayerStarts(
    IHostApplicationLifetime lifetime, UnusedMemory memory, TimeProvider time, ILogger<PayerStarts> logger)
{
    /// <summary>Of a file with at most this many entries all payers start with the gateway; of others when one is first used.</summary>
    internal const int MaxAtStart = 16;

    /// <summary>How long a call waits for the start of its payer.</summary>
    internal static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan MinPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    /// <summary>Starts a payer, unless it has started.</summary>
    /// <exception cref="GatewayStartException">Its key cannot be used, or a later release wrote its nonces.</exception>
    internal Task StartAsync(Payer payer, CancellationToken cancellationToken) =>
        payer.IsStarted ? Task.CompletedTask : payer.ShareStart(() => RunAsync(payer, cancellationToken));

    /// <summary>As <see cref="StartAsync"/>, for a call: a start that fails is logged, and is tried again by a later call.</summary>
    /// <param name="payer">The payer.</param>
    /// <param name="timeout">How long to wait; the start goes on after that.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it has started.</returns>
    internal async ValueTask<bool> TryStartAsync(Payer payer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (payer.IsStarted) return true;
        if (payer.Failure is { } last && time.GetElapsedTime(last.At) < last.Pause) return false;
        var start = payer.ShareStart(() => TryRunAsync(payer));
        await start.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return payer.IsStarted;
    }

    /// <summary>Why a payer did not start, without keys and addresses of endpoints.</summary>
    internal static IEnumerable<string> WhyNot(Exception exception) => exception switch
    {
        GatewayStartException start => start.Faults,
        InvalidOperationException own => [own.Message],
        _ => [exception.GetType().Name],
    };

    private async Task TryRunAsync(Payer payer)
    {
        try
        {
            await RunAsync(payer, lifetime.ApplicationStopping).ConfigureAwait(false);
            payer.Failure = null;
        }
#pragma warning disable CA1031 // A signer or a rule of the program may throw anything; the payers that serve must not end for it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested) return;
            var pause = payer.Failure is not { } last ? MinPause : DoublingPause.After(last.Pause, MaxPause);
            payer.Failure = new StartFailure(time.GetTimestamp(), pause);
            LogNotStarted(logger, payer.Name, pause.TotalSeconds, string.Join("; ", WhyNot(exception)));
        }
    }

    private async Task RunAsync(Payer payer, CancellationToken cancellationToken)
    {
        foreach (var service in await payer.StartAsync(cancellationToken).ConfigureAwait(false))
        {
            if (service is BackgroundService { ExecuteTask: { } running }) _ = EndOnFaultAsync(payer, service, running);
        }

        memory.AfterStart();
    }

    // As the host does for its own services.
    private async Task EndOnFaultAsync(Payer payer, IHostedService service, Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!running.IsFaulted || lifetime.ApplicationStopping.IsCancellationRequested) return;
        LogFailed(logger, running.Exception!, service.GetType().Name, payer.Name);
        lifetime.StopApplication();
    }

    [LoggerMessage(EventIds.PayersServiceFailed, LogLevel.Critical, "{Service} of the payer {Payer} ended; the gateway stops")]
    private static partial void LogFailed(ILogger logger, Exception exception, string service, string payer);

    [LoggerMessage(
        EventIds.PayerNotStarted,
        LogLevel.Error,
        "the payer {Payer} cannot be started; its calls are refused, and one after {Pause} s tries again: {Why}")]
    private static partial void LogNotStarted(ILogger logger, string payer, double pause, string why);
}
