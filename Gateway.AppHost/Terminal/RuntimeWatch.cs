using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.AppHost.Terminal;

/// <summary>
/// Checks the container runtime again while the application runs: the orchestrator keeps showing the containers of a
/// stopped runtime as running.
/// </summary>
/// <param name="ask">Whether the runtime is available, and the reason.</param>
/// <param name="time">The clock.</param>
internal sealed class RuntimeWatch(Func<Task<(bool There, string Why)>> ask, TimeProvider time) : BackgroundService
{
    // A single late response on a busy machine is not a failure.
    private const int MissesToReport = 2;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            for (var misses = 0; await timer.WaitForNextTickAsync(stoppingToken);)
            {
                var (there, why) = await ask();
                if (stoppingToken.IsCancellationRequested) return;
                if (there && misses >= MissesToReport)
                {
                    Console.Error.WriteLine(
                        "The container runtime answers again. Containers that it lost can be started in the dashboard.");
                }
                misses = there ? 0 : misses + 1;
                if (misses == MissesToReport)
                {
                    Console.Error.WriteLine(
                        $"The container runtime does not answer ({why}): Redis and Anvil have stopped or do not start. Start it, and " +
                        $"this application again; `dotnet run --project Gateway.AppHost -- --containers no` runs without containers.");
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application is stopping.
        }
    }
}
