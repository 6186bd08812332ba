using System.Globalization;

namespace Xmtp.Gateway.Costs;

/// <summary>Money in units of 10⁻¹² dollars, the unit of the rate registry. Whole numbers only.</summary>
/// <param name="Value">The amount.</param>
public readonly record struct Picodollars(Int128 Value)
{
    /// <summary>The amount with its unit.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + " picodollars";
}
