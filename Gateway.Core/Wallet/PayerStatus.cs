using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Wallet;

/// <summary>What the payer has, as a table or as JSON; null is what could not be read or does not apply.</summary>
/// <param name="payer">The wallet.</param>
/// <param name="registry">The payer registry.</param>
internal sealed class PayerStatus(EthereumAddress payer, EthereumAddress registry)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    private readonly List<string> _faults = [];

    /// <summary>The balance in the payer registry.</summary>
    internal Microdollars? Balance { get; set; }

    /// <summary>The pending withdrawal; null when there is none.</summary>
    internal PendingWithdrawal? Pending { get; set; }

    /// <summary>How long it is still locked.</summary>
    internal TimeSpan LockLeft { get; set; }

    /// <summary>The base fee of a message of 1 KB.</summary>
    internal Picodollars? MessagePrice { get; set; }

    /// <summary>The wallet's gas on the settlement chain.</summary>
    internal Wei? SettlementGas { get; set; }

    /// <summary>The wallet's stablecoins.</summary>
    internal Microdollars? Stablecoins { get; set; }

    /// <summary>The wallet's fee tokens.</summary>
    internal Microdollars? FeeTokens { get; set; }

    /// <summary>The wallet's gas on the App Chain.</summary>
    internal Wei? AppChainGas { get; set; }

    /// <summary>Its value at the configured price of a coin.</summary>
    internal Picodollars? AppChainGasWorth { get; set; }

    /// <summary>The gas of a commit of 1 KB.</summary>
    internal Wei? CommitPrice { get; set; }

    /// <summary>What could not be read.</summary>
    internal IReadOnlyList<string> Faults => _faults;

    private Int128? Messages => Balance is { } has && MessagePrice is { } price && price > Picodollars.Zero
        ? Int128.Max(0, Picodollars.From(has).Value / price.Value)
        : null;

    private UInt128? Commits => AppChainGas is { } has && CommitPrice is { } price && price > Wei.Zero ? has.Amount / price.Amount : null;

    /// <summary>The value of a call, or a fault.</summary>
    internal T? Take<T>(string what, RpcResult<T> read)
        where T : struct
    {
        if (read.TryGet(out var value, out var error)) return value;
        _faults.Add($"{what} cannot be read: {PayerWallet.Words(error)}");
        return null;
    }

    /// <summary>The value of a call, or a fault.</summary>
    internal T? TakeObject<T>(string what, RpcResult<T> read)
        where T : class
    {
        if (read.TryGet(out var value, out var error)) return value;
        _faults.Add($"{what} cannot be read: {PayerWallet.Words(error)}");
        return null;
    }

    internal string ToTable()
    {
        var text = new StringBuilder();
        Row(text, "payer", payer.ToString());
        Row(text, "balance", $"{Dollars(Balance)} in the payer registry {registry}{Buys(Messages, "messages")}");
        Row(text, "withdrawal", Pending is null ? "none is pending" : $"{DollarAmount.Show(Pending.Amount)}, {When()}");
        Row(text, "App Chain", $"{Coins(AppChainGas)} for gas, {Worth()}{Buys((Int128?)Commits, "commits")}");
        Row(text, "wallet", $"{Dollars(Stablecoins)} in stablecoins, {Dollars(FeeTokens)} in fee tokens, {Coins(SettlementGas)} for gas");
        return text.ToString().TrimEnd();
    }

    internal string ToJson() => new JsonObject
    {
        ["address"] = payer.ToString(),
        ["payerRegistry"] = registry.ToString(),
        ["balanceMicrodollars"] = Text(Balance?.Value),
        ["messagesOf1KB"] = Text(Messages),
        ["pendingWithdrawal"] = Pending is null ? null : new JsonObject
        {
            ["amountMicrodollars"] = Text(Pending.Amount.Value),
            ["withdrawableAt"] = DateTimeOffset.FromUnixTimeSeconds(Pending.WithdrawableAt),
            ["isLocked"] = LockLeft > TimeSpan.Zero,
        },
        ["appChain"] = new JsonObject
        {
            ["balanceWei"] = Text((Int128?)AppChainGas?.Amount),
            ["commitsOf1KB"] = Text((Int128?)Commits),
        },
        ["wallet"] = new JsonObject
        {
            ["stablecoinMicrodollars"] = Text(Stablecoins?.Value),
            ["feeTokenMicrodollars"] = Text(FeeTokens?.Value),
            ["balanceWei"] = Text((Int128?)SettlementGas?.Amount),
        },
        ["faults"] = JsonPage.List(_faults.Select(fault => (JsonNode?)fault)),
    }.ToJsonString(Readable);

    private string When() => LockLeft > TimeSpan.Zero
        ? $"locked until {WithdrawTool.Time(Pending!.WithdrawableAt)}, another {WithdrawTool.Span(LockLeft)}"
        : "can be finalized now";

    private string Worth() => AppChainGasWorth is { } worth
        ? DollarAmount.Show(new Microdollars(worth.Value / 1_000_000))
        : "of unknown value";

    private static void Row(StringBuilder text, string name, string value) => text.Append(name.PadRight(12)).AppendLine(value);

    private static string Buys(Int128? count, string what) =>
        count is { } known ? $", about {known.ToString("N0", CultureInfo.InvariantCulture)} {what} of 1 KB" : "";

    private static string Dollars(Microdollars? amount) => amount is { } known ? DollarAmount.Show(known) : "an unknown amount";

    private static string Coins(Wei? amount) => amount is { } known ? known.ToString() : "an unknown amount";

    private static string? Text(Int128? value) => value?.ToString(CultureInfo.InvariantCulture);
}
