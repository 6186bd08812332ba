using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Hosting;

/// <summary>Logs which version starts, and one line when the host has stopped.</summary>
internal sealed partial class ProgramLog(IHostApplicationLifetime lifetime, ILogger<ProgramLog> logger) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var program = Assembly.GetEntryAssembly()?.GetName().Name ?? "the host";
        LogStarting(logger, HelpText.Version(program), RuntimeInformation.FrameworkDescription, RuntimeInformation.RuntimeIdentifier);
        lifetime.ApplicationStopped.Register(() => LogStopped(logger, program));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventIds.ProgramStarting, LogLevel.Information, "{Program} starts, on {Runtime}, {Platform}")]
    private static partial void LogStarting(ILogger logger, string program, string runtime, string platform);

    [LoggerMessage(EventIds.ProgramStopped, LogLevel.Information, "{Program} has stopped")]
    private static partial void LogStopped(ILogger logger, string program);
}
