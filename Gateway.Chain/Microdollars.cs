using System.Globalization;

namespace Xmtp.Gateway.Chain;

/// <summary>An amount of money in microdollars (10⁻⁶ $), as the payer registry counts it. Below zero is debt.</summary>
public readonly record struct Microdollars(Int128 Value) : IComparable<Microdollars>
{
    /// <inheritdoc/>
    public int CompareTo(Microdollars other) => Value.CompareTo(other.Value);

    /// <summary>Less than.</summary>
    public static bool operator <(Microdollars left, Microdollars right) => left.Value < right.Value;

    /// <summary>More than.</summary>
    public static bool operator >(Microdollars left, Microdollars right) => left.Value > right.Value;

    /// <summary>Less or the same.</summary>
    public static bool operator <=(Microdollars left, Microdollars right) => left.Value <= right.Value;

    /// <summary>More or the same.</summary>
    public static bool operator >=(Microdollars left, Microdollars right) => left.Value >= right.Value;

    /// <summary>The number and its unit, such as <c>-1500000 µ$</c>.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + " µ$";
}
