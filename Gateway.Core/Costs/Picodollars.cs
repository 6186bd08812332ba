using System.Globalization;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Costs;

/// <summary>Money in units of 10⁻¹² dollars, the unit of the rate registry. Whole numbers only.</summary>
/// <param name="Value">The amount.</param>
public readonly record struct Picodollars(Int128 Value) : IComparable<Picodollars>
{
    private const long OneDollar = 1_000_000_000_000;
    private const int InAMicrodollar = 1_000_000;

    /// <summary>Zero.</summary>
    public static Picodollars Zero => default;

    /// <summary>An amount given in dollars, truncated to whole picodollars.</summary>
    /// <exception cref="OverflowException">Beyond about 79,000,000,000,000,000 dollars.</exception>
    public static Picodollars FromDollars(decimal dollars) => new((Int128)(dollars * OneDollar));

    /// <summary>The amount in dollars, for display.</summary>
    /// <exception cref="OverflowException">Beyond about 79,000,000,000,000,000 dollars.</exception>
    public decimal ToDollars() => (decimal)Value / OneDollar;

    /// <summary>The same amount in picodollars.</summary>
    public static Picodollars From(Microdollars amount) => new(checked(amount.Value * InAMicrodollar));

    /// <summary>
    /// The same amount in microdollars, the unit of the payer registry, rounded up so that debt is never understated.
    /// </summary>
    public Microdollars ToMicrodollars() => new((Value / InAMicrodollar) + (Value % InAMicrodollar > 0 ? 1 : 0));

    /// <inheritdoc/>
    public int CompareTo(Picodollars other) => Value.CompareTo(other.Value);

    /// <summary>The sum.</summary>
    public static Picodollars operator +(Picodollars left, Picodollars right) => new(checked(left.Value + right.Value));

    /// <summary>The difference; may be below zero.</summary>
    public static Picodollars operator -(Picodollars left, Picodollars right) => new(checked(left.Value - right.Value));

    /// <summary>Less than.</summary>
    public static bool operator <(Picodollars left, Picodollars right) => left.Value < right.Value;

    /// <summary>More than.</summary>
    public static bool operator >(Picodollars left, Picodollars right) => left.Value > right.Value;

    /// <summary>Less or the same.</summary>
    public static bool operator <=(Picodollars left, Picodollars right) => left.Value <= right.Value;

    /// <summary>More or the same.</summary>
    public static bool operator >=(Picodollars left, Picodollars right) => left.Value >= right.Value;

    /// <summary>The sum.</summary>
    public static Picodollars Add(Picodollars left, Picodollars right) => left + right;

    /// <summary>The difference.</summary>
    public static Picodollars Subtract(Picodollars left, Picodollars right) => left - right;

    /// <summary>The amount with its unit.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + " picodollars";
}
