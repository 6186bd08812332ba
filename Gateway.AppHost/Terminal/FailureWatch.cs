using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.AppHost.Terminal;

/// <summary>
/// Says in the terminal what fails: nobody who waits for a resource should have to find the dashboard to learn that it
/// will not come.
/// </summary>
/// <remarks>
/// What cannot start ends the application with exit code 1, since everything that waits for it would wait for ever. What had
/// started and fails later is said, and the rest goes on: it may come back, and the dashboard can start it again.
/// </remarks>
internal sealed class FailureWatch(
    ResourceNotificationService notifications, ResourceLoggerService logs, IHostApplicationLifetime application) : BackgroundService
{
    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(3);
    private readonly HashSet<string> _started = [];
    private readonly HashSet<string> _failed = [];
    private readonly HashSet<string> _healthy = [];

    /// <summary>Whether it has ended the application: what the host says then about its interrupted start is not news.</summary>
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
            // The application ends.
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
            // What came until now is shown.
        }

        return [.. lines];
    }
}

/// <summary>Adds the watch.</summary>
internal static class FailureWatchRegistration
{
    /// <summary>Where the application runs, its failures are said in the terminal.</summary>
    public static IDistributedApplicationBuilder SaysFailures(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode) return builder;
        builder.Services.AddLogging(
            logging => logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", _ => !FailureWatch.HasEnded));

        // First of all: the orchestrator's own start lasts until every resource is made, which may be never.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, FailureWatch>());
        return builder;
    }
}
