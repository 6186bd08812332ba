using System.Diagnostics;

namespace Xmtp.Gateway.Bench.Load;

/// <summary>Calls at a fixed rate, whatever the server does: they find what waiting is like below the highest rate.</summary>
/// <remarks>
/// A thread of its own wakes each millisecond and starts the calls that are due by then. A call's time counts from that
/// moment: a server that falls behind makes calls pile up, and each of them counts.
/// </remarks>
internal static class OpenLoop
{
    private const int MaxInFlight = 4096;

    public static Task RunAsync(LoadWindow window, LoadTarget target, CancellationToken stoppingToken) =>
        Task.Factory.StartNew(
            () => Run(window, target, stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Run(LoadWindow window, LoadTarget target, CancellationToken stoppingToken)
    {
        var inFlight = 0;
        var template = PublishRequest.For(window);
        var start = Stopwatch.GetTimestamp();
        for (long started = 0; !stoppingToken.WaitHandle.WaitOne(1);)
        {
            var due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * window.CallsPerSecond);
            for (; started < due; started++)
            {
                if (Volatile.Read(ref inFlight) >= MaxInFlight)
                    target.Record.Failed("the server fell behind: too many calls in flight");
                else
                    Start((int)(started % int.MaxValue));
            }
        }
        SpinWait.SpinUntil(() => Volatile.Read(ref inFlight) == 0);

        void Start(int caller)
        {
            Interlocked.Increment(ref inFlight);
            var request = (byte[])template.Renew().Clone();
            _ = target.CallAsync(caller, request).ContinueWith(
                _ => Interlocked.Decrement(ref inFlight),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
