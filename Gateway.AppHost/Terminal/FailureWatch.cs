using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.AppHost.Terminal;

/// <summary>
/// Writes failures to the terminal, so that a user who waits for a resource need not look in the dashboard to learn
/// that it failed.
/// </summary>
/// <remarks>
/// A resource that cannot start ends the application with exit code 1, since everything that waits for it would wait
/// forever. A later failure of a started resource is reported, and the rest continues: the resource may recover, or can
/// be started again in the dashboard.
/// </remarks>
internal sealed class FailureWatch(
    ResourceNotificationService notifications, ResourceLoggerService logs, IHostApplicationLifetime application) : BackgroundService
{
    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(3);
    private readonly HashSet<string> _started = [];
    private readonly HashSet<string> _failed = [];
    private readonly HashSet<string> _healthy = [];

    /// <summary>
    /// Whether it has stopped the application: the host's messages about its interrupted start are then suppressed.
    /// </summary>
    public static bool HasEnded { get; private set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(stoppingToken))
            {
                if (application.ApplicationStopping.IsCancellationRequested) return;
                if (await SeeAsync(change, stoppingToken)) continue;
                HasEnded = true;
                Environment.ExitCode = 1;
                application.StopApplication();
                return;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application is stopping.
        }
    }

    private async Task<bool> SeeAsync(ResourceEvent change, CancellationToken stoppingToken)
    {
        SeeHealth(change);
        if (change.Snapshot.State?.Text == KnownResourceStates.Running)
        {
            _started.Add(change.ResourceId);
            _failed.Remove(change.ResourceId);
        }

        if (ResourceFailure.Of(change) is not { } failure || !_failed.Add(change.ResourceId)) return true;
        Console.Error.WriteLine(failure.Words);
        foreach (var line in await LastLinesAsync(change, stoppingToken)) Console.Error.WriteLine($"  {line}");
        return !failure.IsFinal || _started.Contains(change.ResourceId);
    }

    private void SeeHealth(ResourceEvent change)
    {
        var name = change.Resource.Name;
        if (change.Snapshot.HealthStatus == HealthStatus.Healthy
            && _healthy.Add(change.ResourceId)
            && _failed.Remove(change.ResourceId + "/health"))
        {
            Console.Error.WriteLine($"{name} is healthy again.");
        }
        if (change.Snapshot.HealthStatus != HealthStatus.Unhealthy || !_healthy.Remove(change.ResourceId)) return;
        _failed.Add(change.ResourceId + "/health");
        var reason = change.Snapshot.HealthReports.FirstOrDefault(report => report.Status == HealthStatus.Unhealthy)?.Description;
        Console.Error.WriteLine(
            $"{name} is not healthy any more{(reason is null ? string.Empty : $": {reason}")}. {ResourceFailure.Advice(change.Resource)}");
    }

    private async Task<IReadOnlyList<string>> LastLinesAsync(ResourceEvent change, CancellationToken stoppingToken)
    {
        const int Shown = 5;
        var lines = new Queue<string>();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        timeout.CancelAfter(LogTimeout);
        try
        {
            await foreach (var batch in logs.GetAllAsync(change.ResourceId).WithCancellation(timeout.Token))
            {
                foreach (var line in batch)
                {
                    foreach (var each in line.Content.Split('\n', StringSplitOptions.RemoveEmptyEntries)) lines.Enqueue(each.TrimEnd());
                    while (lines.Count > Shown) lines.Dequeue();
                }
            }
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // Shows the lines that were read so far.
        }

        return [.. lines];
    }
}

/// <summary>Adds the watch.</summary>
internal static class FailureWatchRegistration
{
    /// <summary>Writes the application's failures to the terminal in a run.</summary>
    public static IDistributedApplicationBuilder WithFailureReports(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode) return builder;
        builder.Services.AddLogging(
            logging => logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", _ => !FailureWatch.HasEnded));

        // Inserted first: the orchestrator's own start lasts until every resource is created, which may never happen.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, FailureWatch>());
        return builder;
    }
}
