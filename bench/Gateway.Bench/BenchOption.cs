using System.Globalization;

namespace Xmtp.Gateway.Bench;

/// <summary>An option of a measurement and its value, as they stand on the command line.</summary>
/// <param name="Name">Such as <c>--rate</c>.</param>
/// <param name="Value">What stands behind it.</param>
internal readonly record struct BenchOption(string Name, string Value)
{
    /// <summary>Reads a command line on which each option has a value.</summary>
    /// <exception cref="BenchFailure">The last value is missing.</exception>
    public static IEnumerable<BenchOption> Read(string[] args)
    {
        for (var i = 0; i < args.Length; i += 2)
            yield return new(args[i], i + 1 < args.Length ? args[i + 1] : throw new BenchFailure($"{args[i]}: a value is missing"));
    }

    /// <summary>The value as a number.</summary>
    /// <exception cref="BenchFailure">It is none, or less than the least.</exception>
    public double Number(double min) =>
        double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min
            ? number
            : throw new BenchFailure($"{Name}: expected a number of at least {min.ToString(CultureInfo.InvariantCulture)}");
}
