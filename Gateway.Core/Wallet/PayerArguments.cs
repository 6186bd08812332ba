using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Wallet;

/// <summary>What a command of the payer is asked to do.</summary>
internal enum PayerVerb
{
    /// <summary>Show the commands.</summary>
    Help,

    /// <summary>Show both funds.</summary>
    Status,

    /// <summary>Deposit to the payer registry.</summary>
    Deposit,

    /// <summary>Request a withdrawal.</summary>
    Withdraw,

    /// <summary>Pay a withdrawal out.</summary>
    Finalize,

    /// <summary>Take a withdrawal back.</summary>
    Cancel,

    /// <summary>Make tokens of a test network.</summary>
    Mint,

    /// <summary>Cancel the oldest transaction that waits for a block.</summary>
    Unblock,

    /// <summary>Make a key.</summary>
    NewKey,
}

/// <summary>The words after <c>payer</c>.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Settings">The gateway's own flags.</param>
internal sealed record PayerArguments(PayerVerb Verb, IReadOnlyList<string> Settings)
{
    private const string Word = "payer";

    private static readonly Dictionary<string, string[]> Switches = new()
    {
        ["status"] = ["--json"],
        ["deposit"] = ["--yes"],
        ["withdraw"] = ["--yes", "--finalize", "--cancel"],
        ["mint"] = ["--yes"],
        ["unblock"] = ["--yes"],
        ["new-key"] = [],
    };

    /// <summary>The amount of a deposit, a request or a mint; more than zero.</summary>
    public Microdollars Amount { get; private init; }

    /// <summary>Whether to send without a question.</summary>
    public bool IsConfirmed { get; private init; }

    /// <summary>Whether to print JSON.</summary>
    public bool Json { get; private init; }

    /// <summary>How long to wait for a transaction's block. More than zero.</summary>
    public TimeSpan Wait { get; private init; } = TimeSpan.FromMinutes(3);

    /// <summary>The file of a new key.</summary>
    public string? Out { get; private init; }

    /// <summary>Reads the words.</summary>
    /// <exception cref="WalletException">They are no command; exit code 2.</exception>
    public static PayerArguments Read(IReadOnlyList<string> args)
    {
        if (args.Count == 0 || args[0] is "help" || args.Any(arg => arg is "--help" or "-h")) return new PayerArguments(PayerVerb.Help, []);
        if (!Switches.TryGetValue(args[0], out var switches))
            throw Misused($"unknown command; expected one of: {string.Join(", ", Switches.Keys)}");
        List<string> rest = [.. args.Skip(1)];
        List<string> given = [.. switches.Where(rest.Remove)];
        var amount = rest is [var first, ..] && !IsFlag(first) ? first : null;
        if (amount is not null) rest.RemoveAt(0);
        var (wait, file) = (Take(rest, "--wait"), Take(rest, "--out"));
        var verb = VerbOf(args[0], given, amount);
        if (verb == PayerVerb.NewKey != file is not null)
        {
            throw Misused(
                verb == PayerVerb.NewKey ? "new-key: the file is missing; expected --out FILE" : "--out: only new-key writes a file");
        }

        return new PayerArguments(verb, rest)
        {
            Amount = amount is null ? default : AmountOf(amount),
            IsConfirmed = given.Contains("--yes"),
            Json = given.Contains("--json"),
            Wait = wait is null ? TimeSpan.FromMinutes(3) : WaitOf(wait),
            Out = file,
        };
    }

    /// <summary>Refuses the payer's key itself among the flags: other users of the machine can read a command line.</summary>
    /// <exception cref="WalletException">It is there.</exception>
    public void RefuseKey()
    {
        var table = GatewaySettings.Table();
        var key = table.Group<PayerKeySettings>().PrivateKey;
        if (!CommandLine.Read(Settings, table).Values.ContainsKey(key)) return;
        throw Misused(
            $"--{key.Flag}: a key on the command line is refused here, where every user of the machine and the shell's history can " +
            $"read it; expected --payer.private-key-file, --payer.keystore-file, or the variable {key.Variables[0]}");
    }

    private static PayerVerb VerbOf(string word, List<string> given, string? amount)
    {
        var (ends, cancels) = (given.Contains("--finalize"), given.Contains("--cancel"));
        if (ends && cancels) throw Misused("--finalize and --cancel: expected one of them");
        var verb = word switch
        {
            "status" => PayerVerb.Status,
            "deposit" => PayerVerb.Deposit,
            "mint" => PayerVerb.Mint,
            "unblock" => PayerVerb.Unblock,
            "new-key" => PayerVerb.NewKey,
            _ => ends ? PayerVerb.Finalize : cancels ? PayerVerb.Cancel : PayerVerb.Withdraw,
        };
        var takesAmount = verb is PayerVerb.Deposit or PayerVerb.Mint or PayerVerb.Withdraw;
        if (takesAmount && amount is null)
            throw Misused($"{word}: the amount is missing; expected dollars right after the word, such as: {Word} {word} 25");
        return takesAmount || amount is null ? verb : throw Misused($"{word}: no amount is expected here");
    }

    // "-5" is an amount that is refused by its sign.
    private static bool IsFlag(string word) => word.StartsWith("--", StringComparison.Ordinal) || word is ['-', (>= 'a' and <= 'z'), ..];

    private static string? Take(List<string> rest, string flag)
    {
        var at = rest.FindIndex(word => word == flag || word.StartsWith(flag + "=", StringComparison.Ordinal));
        if (at < 0) return null;
        var inline = rest[at] != flag;
        var value = inline ? rest[at][(flag.Length + 1)..] : at + 1 < rest.Count && !IsFlag(rest[at + 1]) ? rest[at + 1] : "";
        rest.RemoveRange(at, inline || value.Length == 0 ? 1 : 2);
        return value.Length > 0 ? value : throw Misused($"{flag}: a value is missing");
    }

    private static Microdollars AmountOf(string text) =>
        DollarAmount.Read(text, out var amount) is { } fault ? throw Misused($"{fault}; nothing was sent") : amount;

    private static TimeSpan WaitOf(string text) =>
        GoDuration.TryParse(text, out var wait) && wait > TimeSpan.Zero && wait <= TimeSpan.FromHours(1)
            ? wait
            : throw Misused("--wait: expected a duration such as 90s or 5m, at most 1h");

    private static WalletException Misused(string fault) => new($"{Word}: {fault}", WalletExit.Misused);
}
