using System.Globalization;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>What differs between two gateways that should be equal, by more than a busy machine makes of it.</summary>
internal static class VersusCheck
{
    private const double MaxRatio = 2;

    // Timers at rest may fire once more within one window than within the other.
    private const double MaxMorePerMinute = 15;

    // What few commits need, such as a receipt whose event was late, varies with the machine.
    private const double MinRequestsACommit = 0.5;

    // One caller makes too few commits within a short window.
    private const int MinCallers = 16;

    /// <summary>The differences, in words.</summary>
    public static IReadOnlyList<string> Differences(VersusReport report)
    {
        List<string> differences = [];
        // A short window of one shape may fall into other work of the machine, most of them may not.
        Compare("CPU, this / other, median of all shapes", Medians.Of(report.Messages.Concat(report.Light).Select(one => one.CpuRatio)), 1);
        Compare("memory at rest", report.Processes.MebibytesAtRest.This, report.Processes.MebibytesAtRest.Other);
        Compare("memory after all messages", report.Processes.MebibytesAfterAll.This, report.Processes.MebibytesAfterAll.Other);
        CompareAtRest("App Chain", use => use.AppChain);
        CompareAtRest("settlement chain", use => use.SettlementChain);
        foreach (var one in report.Commits.Where(one => one.Callers >= MinCallers))
        {
            var (here, there) = (one.This.Rpc.AppChain, one.Other.Rpc.AppChain);
            Compare($"RPC requests a commit, the chain mines {one.Mining}, {one.Callers} callers", one.This.Rpc.Sum, one.Other.Rpc.Sum);
            var often = here.Concat(there).Where(count => count.Value >= MinRequestsACommit).Select(count => count.Key);
            foreach (var method in often.Distinct())
            {
                Compare(
                    $"{method} a commit, the chain mines {one.Mining}, {one.Callers} callers",
                    here.GetValueOrDefault(method), there.GetValueOrDefault(method));
            }
        }

        return differences;

        void Compare(string what, double here, double there)
        {
            if (here > MaxRatio * there || there > MaxRatio * here) Add(what, here, there);
        }

        void CompareAtRest(string chain, Func<RpcUse, IReadOnlyDictionary<string, double>> of)
        {
            var (here, there) = (of(report.Rest.This), of(report.Rest.Other));
            foreach (var method in here.Keys.Union(there.Keys))
            {
                var (one, other) = (here.GetValueOrDefault(method), there.GetValueOrDefault(method));
                if (Math.Abs(one - other) > MaxMorePerMinute) Add($"{method} at rest, {chain}, a minute", one, other);
            }
        }

        void Add(string what, double here, double there) =>
            differences.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: {here:F2} and {there:F2}"));
    }
}
