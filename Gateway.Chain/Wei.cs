using System.Globalization;

namespace Xmtp.Gateway.Chain;

/// <summary>An amount of a chain's native currency in wei (10⁻¹⁸), or a gas price in wei per unit. 0 to 2¹²⁸-1.</summary>
/// <remarks>
/// Every operation is checked: a result that does not fit throws <see cref="OverflowException"/> instead of wrapping.
/// </remarks>
public readonly record struct Wei(UInt128 Amount) : IComparable<Wei>
{
    /// <summary>Nothing.</summary>
    public static Wei Zero => default;

    /// <summary>An amount in gwei (10⁹ wei).</summary>
    public static Wei FromGwei(ulong gwei) => new(gwei * (UInt128)1_000_000_000);

    /// <summary>An amount in whole coins (10¹⁸ wei).</summary>
    public static Wei FromEther(ulong ether) => new(ether * (UInt128)1_000_000_000_000_000_000);

    /// <inheritdoc/>
    public int CompareTo(Wei other) => Amount.CompareTo(other.Amount);

    /// <summary>The sum.</summary>
    public static Wei operator +(Wei left, Wei right) => new(checked(left.Amount + right.Amount));

    /// <summary>The difference; throws when it would be negative.</summary>
    public static Wei operator -(Wei left, Wei right) => new(checked(left.Amount - right.Amount));

    /// <summary>The product: a gas price times an amount of gas.</summary>
    public static Wei operator *(Wei left, ulong factor) => new(checked(left.Amount * factor));

    /// <summary>Integer division, rounded down.</summary>
    public static Wei operator /(Wei left, ulong divisor) => new(left.Amount / divisor);

    /// <summary>Less than.</summary>
    public static bool operator <(Wei left, Wei right) => left.Amount < right.Amount;

    /// <summary>More than.</summary>
    public static bool operator >(Wei left, Wei right) => left.Amount > right.Amount;

    /// <summary>Less or the same.</summary>
    public static bool operator <=(Wei left, Wei right) => left.Amount <= right.Amount;

    /// <summary>More or the same.</summary>
    public static bool operator >=(Wei left, Wei right) => left.Amount >= right.Amount;

    /// <summary>The sum.</summary>
    public static Wei Add(Wei left, Wei right) => left + right;

    /// <summary>The difference.</summary>
    public static Wei Subtract(Wei left, Wei right) => left - right;

    /// <summary>The product.</summary>
    public static Wei Multiply(Wei left, ulong factor) => left * factor;

    /// <summary>Integer division, rounded down.</summary>
    public static Wei Divide(Wei left, ulong divisor) => left / divisor;

    /// <summary>The number and its unit, such as <c>1000000000 wei</c>.</summary>
    public override string ToString() => Amount.ToString(CultureInfo.InvariantCulture) + " wei";
}
