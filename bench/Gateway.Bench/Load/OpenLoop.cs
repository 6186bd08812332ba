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

    public static Task RunAsync(LoadWindow window, LoadTarget target, CancellationToken stoppingToken)
    {
        var template = PublishRequest.For(window);
        return RunAsync(
            window.CallsPerSecond,
            MaxInFlight,
            caller => target.CallAsync(caller, (byte[])template.Renew().Clone()),
            () => target.Record.Failed("the server fell behind: too many calls in flight"),
            stoppingToken);
    }

    /// <summary>Makes calls until the token is cancelled, and waits for those in flight.</summary>
    /// <param name="perSecond">Calls a second.</param>
    /// <param name="maxInFlight">The max number of calls in flight.</param>
    /// <param name="call">Makes the call of this number; always on the same thread.</param>
    /// <param name="behind">Called instead of a call where too many are in flight.</param>
    /// <param name="stoppingToken">Ends it.</param>
    public static Task RunAsync(
        double perSecond, int maxInFlight, Func<int, Task> call, Action behind, CancellationToken stoppingToken) =>
        Task.Factory.StartNew(
            () => Run(perSecond, maxInFlight, call, behind, stoppingToken),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    private static void Run(double perSecond, int maxInFlight, Func<int, Task> call, Action behind, CancellationToken stoppingToken)
    {
        var inFlight = 0;
        var start = Stopwatch.GetTimestamp();
        for (long started = 0; !stoppingToken.WaitHandle.WaitOne(1);)
        {
            var due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond);
            for (; started < due; started++)
            {
                if (Volatile.Read(ref inFlight) >= maxInFlight) behind();
                else Start((int)(started % int.MaxValue));
            }
        }
        SpinWait.SpinUntil(() => Volatile.Read(ref inFlight) == 0);

        void Start(int caller)
        {
            Interlocked.Increment(ref inFlight);
            _ = call(caller).ContinueWith(
                _ => Interlocked.Decrement(ref inFlight),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
