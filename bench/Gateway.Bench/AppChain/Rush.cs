using System.Collections.Concurrent;
using System.Diagnostics;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>Callers that each wait for an answer before they send again, for a while.</summary>
internal static class Rush
{
    public static async Task<RushTimes> RunAsync(
        int callers, TimeSpan window, Func<CancellationToken, Task> call, CancellationToken cancellationToken)
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
        return new RushTimes(Stopwatch.GetElapsedTime(start), [.. times]);
    }
}

/// <summary>One rush.</summary>
/// <param name="Took">From its first call to its last answer.</param>
/// <param name="Milliseconds">How long each call took.</param>
internal sealed record RushTimes(TimeSpan Took, IReadOnlyList<double> Milliseconds);
