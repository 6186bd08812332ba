using System.Globalization;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Parses limits and budgets as operators write them in flags.</summary>
/// <remarks>
/// Limits, separated by commas: <c>stock</c>, or <c>AMOUNT/PERIOD</c>, followed by any of these words: <c>gateway</c>,
/// <c>burst=N</c>, and weights <c>group-message=N commit=N welcome=N key-package=N identity-update=N</c>, with
/// <c>app-chain=N</c> for commits and identity updates together. PERIOD is a duration, or s, m, h, d.
/// Budgets: <c>DOLLARS/day</c> or <c>DOLLARS/month</c>, optionally followed by <c>gateway</c>.
/// </remarks>
internal static class LimitSyntax
{
    private const StringSplitOptions Tidy = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    /// <summary>Parses limits; false when one of them is invalid.</summary>
    public static bool TryReadRates(string text, out IReadOnlyList<RateLimit> rates)
    {
        var read = text.Split(',', Tidy).Select(ReadRate).ToList();
        rates = [.. read.OfType<RateLimit>()];
        return rates.Count == read.Count;
    }

    /// <summary>Parses budgets; false when one of them is invalid.</summary>
    public static bool TryReadBudgets(string text, out IReadOnlyList<Budget> budgets)
    {
        var read = text.Split(',', Tidy).Select(ReadBudget).ToList();
        budgets = [.. read.OfType<Budget>()];
        return budgets.Count == read.Count;
    }

    private static RateLimit? ReadRate(string rule)
    {
        var words = rule.Split(' ', Tidy);
        var limit = words[0] == "stock" ? RateLimit.Stock : ReadAmount(words[0]);
        foreach (var word in words.Skip(1))
            if (limit is not null)
                limit = ReadWord(limit, word);
        return limit is { IsInBounds: true } ? limit : null;
    }

    private static RateLimit? ReadAmount(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !TryNumber(text.AsSpan(0, slash), out var amount)) return null;
        return ReadPeriod(text.AsSpan(slash + 1)) is { } period ? new RateLimit(amount, period) : null;
    }

    private static TimeSpan? ReadPeriod(ReadOnlySpan<char> text) => text switch
    {
        "s" => TimeSpan.FromSeconds(1),
        "m" => TimeSpan.FromMinutes(1),
        "h" => TimeSpan.FromHours(1),
        "d" => TimeSpan.FromDays(1),
        _ => GoDuration.TryParse(text, out var duration) ? duration : null,
    };

    private static RateLimit? ReadWord(RateLimit limit, string word)
    {
        if (word == "gateway") return limit with { Scope = LimitScope.WholeGateway };
        var parts = word.Split('=');
        if (parts.Length != 2 || !TryNumber(parts[1], out var value)) return null;
        var weights = limit.Weights;
        return parts[0] switch
        {
            "burst" => limit with { Burst = value },
            "group-message" => limit with { Weights = weights with { GroupMessage = value } },
            "commit" => limit with { Weights = weights with { Commit = value } },
            "welcome" => limit with { Weights = weights with { Welcome = value } },
            "key-package" => limit with { Weights = weights with { KeyPackage = value } },
            "identity-update" => limit with { Weights = weights with { IdentityUpdate = value } },
            "app-chain" => limit with { Weights = weights with { Commit = value, IdentityUpdate = value } },
            _ => null,
        };
    }

    private static Budget? ReadBudget(string rule)
    {
        var words = rule.Split(' ', Tidy);
        var parts = words[0].Split('/');
        if (parts.Length != 2 || words.Length > 2 || (words.Length == 2 && words[1] != "gateway")) return null;
        if (!decimal.TryParse(parts[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars)
            || dollars > Budget.MaxAmount.ToDollars())
        {
            return null;
        }
        if (parts[1] is not ("day" or "month")) return null;
        var budget = new Budget(Picodollars.FromDollars(dollars), parts[1] == "day" ? BudgetPeriod.Day : BudgetPeriod.Month)
        {
            Scope = words.Length == 2 ? LimitScope.WholeGateway : LimitScope.EachClient,
        };
        return budget.IsInBounds ? budget : null;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
