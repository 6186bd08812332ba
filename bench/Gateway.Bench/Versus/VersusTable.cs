using Xmtp.Gateway.Bench.Publish;
using static Xmtp.Gateway.Bench.Versus.VersusText;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>Prints a <see cref="VersusReport"/> as Markdown tables, ready for the documentation.</summary>
internal sealed class VersusTable(VersusReport report, TextWriter output)
{
    public void Write()
    {
        WriteMessages();
        WriteLight();
        WriteProcesses();
        new VersusChainTable(report, output).Write();
        Line($"this: {report.This}, other: {report.Other}{(report.OtherUsesRedis ? "" : " in memory")}");
        Line("a floor is proxy + signature + hash of the same shape, in processor time");
        Line($"measured on {report.Machine}");
    }

    private void WriteMessages()
    {
        Line("| callers × envelopes | gateway | publishes/s | p50 ms | p99 ms | CPU µs a publish | in floors | CPU µs of Redis |");
        Line("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var one in report.Messages)
        {
            WriteServer("this", one.This, one.ThisInFloors);
            WriteServer("other", one.Other, one.OtherInFloors);
            string Of(Func<ServerFigures, double> figure) => Ratio(one.This, one.Other, figure);
            Line(
                $"| {one.Shape} | this / other | {Of(use => use.PublishesPerSecond)} | {Of(use => use.P50Milliseconds)} " +
                $"| {Of(use => use.P99Milliseconds)} | {Of(use => use.CpuMicroseconds)} | | {Of(use => use.RedisCpuMicroseconds)} |");

            void WriteServer(string name, ServerFigures use, double floors) => Line(
                $"| {one.Shape} | {name} | {F0(use.PublishesPerSecond)} | {F2(use.P50Milliseconds)} | {F2(use.P99Milliseconds)} " +
                $"| {F1(use.CpuMicroseconds)} | {F2(floors)} | {Unless0(use.RedisCpuMicroseconds)} |");
        }

        Line("");
    }

    private void WriteLight()
    {
        Line("| messages | gateway | CPU ms a second | in floors | CPU ms of Redis | p50 ms |");
        Line("| --- | --- | ---: | ---: | ---: | ---: |");
        var (cpu, redis) = (report.Rest.CpuMilliseconds, report.Rest.RedisCpuMilliseconds);
        Line($"| at rest | this | {F2(cpu.This)} | | {Unless0(redis.This)} | |");
        Line($"| at rest | other | {F2(cpu.Other)} | | {Unless0(redis.Other)} | |");
        Line($"| at rest | this / other | {Ratio(cpu)} | | {Ratio(redis)} | |");
        foreach (var one in report.Light)
        {
            WriteServer("this", one.This, one.ThisInFloors);
            WriteServer("other", one.Other, one.OtherInFloors);
            string Of(Func<ServerFigures, double> figure) => Ratio(one.This, one.Other, figure);
            Line($"| {one.Shape} | this / other | {Of(Cpu)} | | {Of(RedisCpu)} | {Of(use => use.P50Milliseconds)} |");

            void WriteServer(string name, ServerFigures use, double floors) =>
                Line($"| {one.Shape} | {name} | {F2(Cpu(use))} | {F2(floors)} | {Unless0(RedisCpu(use))} | {F2(use.P50Milliseconds)} |");
        }

        Line("");

        static double Cpu(ServerFigures use) => use.CpuMicroseconds * use.PublishesPerSecond / 1e3;

        static double RedisCpu(ServerFigures use) => use.RedisCpuMicroseconds * use.PublishesPerSecond / 1e3;
    }

    private void WriteProcesses()
    {
        Line("| process | this | other | this / other |");
        Line("| --- | ---: | ---: | ---: |");
        WritePair("start to the first answer, s", report.Processes.StartSeconds, F2);
        WritePair("memory at rest, MiB", report.Processes.MebibytesAtRest, F1);
        WritePair("memory after all messages, MiB", report.Processes.MebibytesAfterAll, F1);
        Line("");

        void WritePair(string name, Pair pair, Func<double, string> text) =>
            Line($"| {name} | {text(pair.This)} | {text(pair.Other)} | {Ratio(pair)} |");
    }

    private void Line(string text) => output.WriteLine(text);
}
