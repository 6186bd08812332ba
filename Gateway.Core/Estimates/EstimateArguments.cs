using System.Globalization;

namespace Xmtp.Gateway.Estimates;

/// <summary>The figures of an app, from which a month is estimated. Whole numbers; 0 is allowed where it means none.</summary>
/// <param name="values">The given figures by flag.</param>
/// <param name="settings">The gateway's own flags.</param>
internal sealed class EstimateArguments(IReadOnlyDictionary<string, long> values, IReadOnlyList<string> settings)
{
    private const string Users = "--users";
    private const long MaxCount = 100_000_000;
    private const long MaxSize = 25 << 20;

    // The flags, the largest values, and what is assumed without them; null where the flag is required.
    private static readonly (string Flag, long Max, string? Default, string Help)[] Rows =
    [
        (Users, MaxCount, null, "users in the month"),
        ("--messages", 10_000, null, "messages of a user a day"),
        ("--size", MaxSize, null, "bytes of a message's envelope"),
        ("--new-users", MaxCount, Users, "users who register in the month: an identity update and a key package of each installation"),
        ("--groups", MaxCount, Users, "conversations that begin in the month, of two or more"),
        ("--group-size", 250, "2", "members of a conversation; each except its founder gets a welcome"),
        ("--installations", 100, "1", "installations of a user: a welcome, a key package and an identity update each"),
        ("--commits", 10_000, "1", "commits and proposals of a conversation in the month"),
        ("--commit-size", MaxSize, "1000", "bytes of a commit's envelope"),
        ("--welcome-size", MaxSize, "2000", "bytes of a welcome's envelope"),
        ("--key-package-size", MaxSize, "2000", "bytes of a key package's envelope"),
        ("--identity-size", MaxSize, "500", "bytes of an identity update's envelope"),
    ];

    /// <summary>The text of <c>estimate --help</c>.</summary>
    internal static string Help { get; } = string.Join(
        Environment.NewLine,
        [
            "What a month of publishing costs at the network's current rates and the App Chain's current gas price.",
            "",
            "Usage: xmtp-gateway estimate --users 10000 --messages 20 --size 1000 [--json] [more figures] [the gateway's flags]",
            "Takes the gateway's flags and variables for the chains and the contracts; it needs no key, and starts no gateway.",
            "",
            .. Rows.Select(row => $"  {row.Flag,-20}{row.Help}{(row.Default is null ? "" : $" (default {row.Default.TrimStart('-')})")}"),
            "",
            "Sizes without a figure of yours are assumptions. Exit code 0: done. 1: the chains do not answer. 2: wrong flags.",
        ]);

    /// <summary>The gateway's own flags.</summary>
    internal IReadOnlyList<string> Settings => settings;

    /// <summary>A figure, by its flag without dashes.</summary>
    internal long this[string name]
    {
        get
        {
            var flag = "--" + name;
            if (values.TryGetValue(flag, out var given)) return given;
            var row = Rows.Single(row => row.Flag == flag);
            return row.Default == Users ? values[Users] : long.Parse(row.Default!, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Reads the words after <c>estimate</c>.</summary>
    /// <returns>Null with a fault.</returns>
    internal static EstimateArguments? Read(IReadOnlyList<string> args, out string? fault)
    {
        var (values, rest) = (new Dictionary<string, long>(), new List<string>());
        fault = null;
        for (var at = 0; at < args.Count; at++)
        {
            var (flag, text) = args[at].Split('=', 2) is [var name, var inline] ? (name, inline) : (args[at], null);
            var row = Array.Find(Rows, row => row.Flag == flag);
            if (row.Flag is null)
            {
                rest.Add(args[at]);
                continue;
            }

            text ??= at + 1 < args.Count ? args[++at] : "";
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > row.Max)
                fault ??= $"{flag}: expected a whole number from 0 to {row.Max}";
            values[flag] = value;
        }

        foreach (var row in Rows.Where(row => row.Default is null && values.GetValueOrDefault(row.Flag) == 0))
            fault ??= $"{row.Flag}: required, more than 0: {row.Help}; estimate --help lists all figures";
        return fault is null ? new EstimateArguments(values, rest) : null;
    }
}
