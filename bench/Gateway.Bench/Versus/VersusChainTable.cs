using static Xmtp.Gateway.Bench.Versus.VersusText;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>Prints what a <see cref="VersusReport"/> has of commits and of RPC requests.</summary>
internal sealed class VersusChainTable(VersusReport report, TextWriter output)
{
    public void Write()
    {
        WriteCommits();
        WriteRequestsAtRest();
        WriteRequestsOfCommits();
    }

    private void WriteCommits()
    {
        Line(
            "| the chain mines | callers | gateway | commits/s | p50 ms | p99 ms | CPU ms a commit | CPU ms of Redis " +
            "| RPC requests a commit |");
        Line("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var one in report.Commits)
        {
            WriteGateway("this", one.This);
            WriteGateway("other", one.Other);
            string Of(Func<CommitUse, double> figure) => Ratio(one.This, one.Other, figure);
            Line(
                $"| {one.Mining} | {one.Callers} | this / other | {Of(use => use.Figures.PerSecond)} " +
                $"| {Of(use => use.Figures.P50Milliseconds)} | {Of(use => use.Figures.P99Milliseconds)} " +
                $"| {Of(use => use.CpuMicroseconds)} | {Of(use => use.RedisCpuMicroseconds)} | {Of(use => use.Rpc.Sum)} |");

            void WriteGateway(string name, CommitUse use) => Line(
                $"| {one.Mining} | {one.Callers} | {name} | {F1(use.Figures.PerSecond)} | {F1(use.Figures.P50Milliseconds)} " +
                $"| {F1(use.Figures.P99Milliseconds)} | {F2(use.CpuMicroseconds / 1e3)} | {Unless0(use.RedisCpuMicroseconds / 1e3)} " +
                $"| {F2(use.Rpc.Sum)} |");
        }

        Line("");
    }

    private void WriteRequestsAtRest()
    {
        Line("| RPC requests at rest, a minute | chain | this | other |");
        Line("| --- | --- | ---: | ---: |");
        WriteChain("App Chain", use => use.AppChain);
        WriteChain("settlement chain", use => use.SettlementChain);
        Line("");

        void WriteChain(string chain, Func<RpcUse, IReadOnlyDictionary<string, double>> of)
        {
            var (here, there) = (of(report.Rest.This), of(report.Rest.Other));
            foreach (var method in here.Keys.Union(there.Keys).Order(StringComparer.Ordinal))
                Line($"| `{method}` | {chain} | {Unless0(here.GetValueOrDefault(method))} | {Unless0(there.GetValueOrDefault(method))} |");
            Line($"| all | {chain} | {F1(here.Values.Sum())} | {F1(there.Values.Sum())} |");
        }
    }

    private void WriteRequestsOfCommits()
    {
        Line($"| RPC requests of the App Chain a commit, this; other | {Cells(one => $"{one.Mining}, {one.Callers}")} |");
        Line($"| --- | {Cells(_ => "---:")} |");
        var methods = report.Commits.SelectMany(one => one.This.Rpc.AppChain.Keys.Concat(one.Other.Rpc.AppChain.Keys)).Distinct();
        foreach (var method in methods.Order(StringComparer.Ordinal))
            Line($"| `{method}` | {Cells(one => $"{Count(one.This, method)}; {Count(one.Other, method)}")} |");
        Line("");

        string Cells(Func<VersusCommits, string> text) => string.Join(" | ", report.Commits.Select(text));

        static string Count(CommitUse use, string method) => F2(use.Rpc.AppChain.GetValueOrDefault(method));
    }

    private void Line(string text) => output.WriteLine(text);
}
