using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// Stops the gateway when its standard input is closed, where <see cref="ApiOptions.StopOnStandardInputClose"/> asks for it. What is
/// written to that input is ignored.
/// </summary>
/// <remarks>
/// A gateway that has not started yet, such as one that waits for a chain, has nothing to finish: a program of its own ends at once, with
/// exit code 0; elsewhere the start of the host is cancelled.
/// </remarks>
internal sealed partial class StandardInputWatch(
    UncheckedOptions<ApiOptions> options, IHostApplicationLifetime lifetime, ILogger<StandardInputWatch> logger)
{
    private const int BufferSize = 256;

    /// <summary>Begins to watch; call it before anything that may take time.</summary>
    public void Begin()
    {
        // A read of the standard input cannot be cancelled: a background thread does not keep the process.
        if (options.Value.StopOnStandardInputClose) new Thread(Watch) { IsBackground = true, Name = "standard input" }.Start();
    }

    private void Watch()
    {
        ReadToEnd();
        if (!lifetime.ApplicationStarted.IsCancellationRequested && XmtpGatewayProgram.OwnsProcess) XmtpGatewayProgram.Exit(0);
        LogClosed(logger);
        lifetime.StopApplication();
    }

    private static void ReadToEnd()
    {
        try
        {
            using var input = Console.OpenStandardInput();
            var buffer = new byte[BufferSize];
            while (input.Read(buffer) > 0) continue;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process was started without a standard input.
        }
    }

    [LoggerMessage(
        Gateway.EventIds.StandardInputWatchClosed,
        LogLevel.Information,
        "the standard input was closed: the gateway stops (--api.stop-on-stdin-close)")]
    private static partial void LogClosed(ILogger logger);
}
