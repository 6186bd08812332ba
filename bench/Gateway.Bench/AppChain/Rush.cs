using System.Collections.Concurrent;
using System.Diagnostics;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>Callers that each wait for an answer before they send again, for a while.</summary>
internal static class Rush
{
    public static async Task<ChainFigures> RunAsync(int callers, TimeSpan window, Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        var times = new ConcurrentBag<double>();
        var start = Stopwatch.GetTimestamp();
        async Task CallAsync()
        {
            while (Stopwatch.GetElapsedTime(start) < window)
            {
                var began = Stopwatch.GetTimestamp();
                await call(cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(CallAsync, cancellationToken)));
        var sorted = times.Order().ToList();
        return new ChainFigures(sorted.Count / Stopwatch.GetElapsedTime(start).TotalSeconds, sorted[sorted.Count / 2], sorted[(int)(0.99 * (sorted.Count - 1))]);
    }
}
