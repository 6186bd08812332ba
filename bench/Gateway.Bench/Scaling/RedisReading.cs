using System.Globalization;

namespace Xmtp.Gateway.Bench.Scaling;

/// <summary>What one Redis server counts since it started, or the difference of two readings.</summary>
/// <param name="ScriptCalls">Calls of scripts.</param>
/// <param name="Commands">Other commands, those inside of scripts too; not those of the measurement.</param>
/// <param name="BytesIn">Bytes that it received.</param>
/// <param name="BytesOut">Bytes that it sent.</param>
/// <param name="CpuMicroseconds">The processor time of its process, user and kernel.</param>
internal sealed record RedisReading(double ScriptCalls, double Commands, double BytesIn, double BytesOut, double CpuMicroseconds)
{
    private const string CallsOf = "cmdstat_";
    private static readonly string[] Scripts = ["eval", "evalsha", "eval_ro", "evalsha_ro", "fcall"];
    private static readonly string[] Measuring = ["info", "client|setinfo", "client|setname", "config|get", "cluster|nodes"];

    /// <summary>Reads the text of INFO, with the sections stats, commandstats and cpu.</summary>
    public static RedisReading Parse(string info)
    {
        var lines = info.Split('\n', StringSplitOptions.TrimEntries)
            .Select(line => line.Split(':', 2))
            .Where(pair => pair.Length == 2)
            .ToList();
        var values = lines.ToDictionary(pair => pair[0], pair => pair[1]);
        var calls = lines.Where(pair => pair[0].StartsWith(CallsOf, StringComparison.Ordinal))
            .ToDictionary(pair => pair[0][CallsOf.Length..], pair => Number(pair[1].Split('=', ',')[1]));
        return new RedisReading(
            calls.Where(call => Scripts.Contains(call.Key)).Sum(call => call.Value),
            calls.Where(call => !Scripts.Contains(call.Key) && !Measuring.Contains(call.Key)).Sum(call => call.Value),
            Number(values["total_net_input_bytes"]),
            Number(values["total_net_output_bytes"]),
            (Number(values["used_cpu_user"]) + Number(values["used_cpu_sys"])) * 1e6);
    }

    /// <summary>What came after another reading.</summary>
    public RedisReading Since(RedisReading before) => Plus(before.Times(-1));

    /// <summary>The sum.</summary>
    public RedisReading Plus(RedisReading other) => new(
        ScriptCalls + other.ScriptCalls,
        Commands + other.Commands,
        BytesIn + other.BytesIn,
        BytesOut + other.BytesOut,
        CpuMicroseconds + other.CpuMicroseconds);

    /// <summary>Each figure multiplied.</summary>
    public RedisReading Times(double factor) =>
        new(ScriptCalls * factor, Commands * factor, BytesIn * factor, BytesOut * factor, CpuMicroseconds * factor);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
