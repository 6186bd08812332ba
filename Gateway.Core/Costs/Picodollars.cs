using System.Globalization;

namespace Xmtp.Gateway.Costs;

/// <summary>Money in units of 10⁻¹² dollars, the unit of the rate registry. Whole numbers only.</summary>
/// <param name="Value">The amount.</param>
public readonly record struct Picodollars(Int128 Value)
{
    private const long OneDollar = 1_000_000_000_000;

    /// <summary>An amount given in dollars; what is below one picodollar is cut off.</summary>
    /// <exception cref="OverflowException">Beyond about 79,000,000,000,000,000 dollars.</exception>
    public static Picodollars FromDollars(decimal dollars) => new((Int128)(dollars * OneDollar));

    /// <summary>The amount in dollars, for people.</summary>
    /// <exception cref="OverflowException">Beyond about 79,000,000,000,000,000 dollars.</exception>
    public decimal ToDollars() => (decimal)Value / OneDollar;

    /// <summary>The amount with its unit.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + " picodollars";
}
