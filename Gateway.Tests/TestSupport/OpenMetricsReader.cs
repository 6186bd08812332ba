using System.Globalization;
using System.Text.RegularExpressions;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// Reads OpenMetrics text as its specification says, and fails where a lenient reader would not: suffixes by type,
/// families in one piece, the end mark.
/// </summary>
internal static partial class OpenMetricsReader
{
    private static readonly Dictionary<string, string[]> Suffixes = new()
    {
        ["counter"] = ["_total", "_created"],
        ["gauge"] = [""],
        ["unknown"] = [""],
        ["histogram"] = ["_bucket", "_count", "_sum", "_created"],
    };

    /// <summary>The type of each family, and the value of each sample by name and labels.</summary>
    public static (IReadOnlyDictionary<string, string> Types, IReadOnlyDictionary<string, double> Samples) Read(string text)
    {
        var (types, samples, family) = (new Dictionary<string, string>(), new Dictionary<string, double>(), "");
        Assert.EndsWith("# EOF\n", text, StringComparison.Ordinal);
        foreach (var line in text[..^"# EOF\n".Length].Split('\n', StringSplitOptions.None)[..^1])
        {
            if (line.Split(' ', 4) is ["#", var what, var name, var rest])
            {
                Assert.Contains(what, (string[])["TYPE", "HELP", "UNIT"]);
                if (name != family) Assert.False(types.ContainsKey(name), $"{name} is told in two pieces");
                family = name;
                if (what == "TYPE") Assert.True(types.TryAdd(name, rest) && Suffixes.ContainsKey(rest), line);
                if (what == "UNIT") Assert.EndsWith("_" + rest, name, StringComparison.Ordinal);
                continue;
            }

            var sample = Sample().Match(line);
            Assert.True(sample.Success, $"no sample: {line}");
            Assert.True(types.TryGetValue(family, out var type), $"without a type: {line}");
            Assert.Contains(Suffixes[type!].Select(suffix => family + suffix), known => known == sample.Groups["name"].Value);
            var value = sample.Groups["value"].Value is "+Inf"
                ? double.PositiveInfinity
                : double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture);
            Assert.True(samples.TryAdd(sample.Groups["name"].Value + sample.Groups["labels"].Value, value), $"told twice: {line}");
        }

        // No family's samples may be taken for another's.
        foreach (var (name, type) in types)
        {
            Assert.All(
                Suffixes[type].Where(suffix => suffix.Length > 0),
                suffix => Assert.False(types.ContainsKey(name + suffix), $"{name}{suffix} is a sample and a family"));
        }

        return (types, samples);
    }

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*"(,(?=[a-zA-Z_]))?)*\})? """ +
        """(?<value>[-+0-9.eE]+|\+Inf|NaN)( [0-9.]+)?( # \{[^}]*\} [-+0-9.eE]+( [0-9.]+)?)?$""")]
    private static partial Regex Sample();
}
