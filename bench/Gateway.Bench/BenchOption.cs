using System.Globalization;

namespace Xmtp.Gateway.Bench;

/// <summary>An option of a measurement and its value, as they stand on the command line.</summary>
/// <param name="Name">Such as <c>--rate</c>.</param>
/// <param name="Value">What stands behind it; empty for a switch.</param>
internal readonly record struct BenchOption(string Name, string Value)
{
    /// <summary>Reads a command line on which each option has a value, except for the switches.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="switches">The names of the options without a value.</param>
    /// <exception cref="BenchFailure">The last value is missing.</exception>
    public static IEnumerable<BenchOption> Read(string[] args, params string[] switches)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            if (switches.Contains(name)) yield return new(name, "");
            else yield return new(name, ++i < args.Length ? args[i] : throw new BenchFailure($"{name}: a value is missing"));
        }
    }

    /// <summary>The value as a number.</summary>
    /// <exception cref="BenchFailure">It is none, or less than the least.</exception>
    public double Number(double min) =>
        double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min
            ? number
            : throw new BenchFailure($"{Name}: expected a number of at least {min.ToString(CultureInfo.InvariantCulture)}");
}
