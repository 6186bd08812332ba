using System.Globalization;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Wallet;

/// <summary>Amounts of money as operators write and read them: dollars with up to 6 decimals.</summary>
internal static class DollarAmount
{
    private const int Decimals = 6;
    private const decimal Most = 1_000_000_000_000;
    private const long InADollar = 1_000_000;

    /// <summary>Reads an amount such as <c>25</c>, <c>12.50</c> or <c>$0.000001</c>.</summary>
    /// <param name="text">Digits, at most one point; no exponent and no separators of thousands.</param>
    /// <param name="amount">The exact amount.</param>
    /// <returns>Null, or why the text is not an amount that can be sent.</returns>
    internal static string? Read(string text, out Microdollars amount)
    {
        amount = default;
        var digits = text.Trim();
        var isNegative = digits.StartsWith('-');
        if (isNegative) digits = digits[1..];
        if (digits.StartsWith('$')) digits = digits[1..];
        const NumberStyles Plain = NumberStyles.AllowDecimalPoint;
        if (digits.Length == 0
            || !char.IsAsciiDigit(digits[^1])
            || !decimal.TryParse(digits, Plain, CultureInfo.InvariantCulture, out var dollars)
            || dollars > Most)
        {
            return "the amount is not a number of dollars; expected one such as 25 or 12.50";
        }

        if (isNegative && dollars != 0) return "the amount is negative; expected more than 0";
        if (dollars == 0) return "the amount is 0; expected more";
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0 && digits.Length - point - 1 > Decimals)
            return $"the amount has more than {Decimals} decimals, and a microdollar is the smallest amount";
        amount = new Microdollars((Int128)(dollars * InADollar));
        return null;
    }

    /// <summary>The amount with 2 to 6 decimals, such as <c>$12.50</c>; a debt as <c>-$1.00</c>.</summary>
    internal static string Show(Microdollars amount)
    {
        var value = Int128.Abs(amount.Value);
        var (whole, rest) = (value / InADollar, (long)(value % InADollar));
        var decimals = rest.ToString("000000", CultureInfo.InvariantCulture).TrimEnd('0').PadRight(2, '0');
        return string.Create(CultureInfo.InvariantCulture, $"{(amount.Value < 0 ? "-" : "")}${whole}.{decimals}");
    }
}
