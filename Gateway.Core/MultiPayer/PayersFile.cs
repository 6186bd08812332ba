using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Endpoints;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Parses the payers file. Every fault is reported, with its place; a value is never shown.</summary>
internal static class PayersFile
{
    /// <summary>The max size of the file, in bytes.</summary>
    internal const int MaxSize = 16 << 20;

    /// <summary>The members of a payer that are settings of the gateway, with their configuration keys.</summary>
    internal static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>
    {
        ["limits"] = "Xmtp:Limits:Rates",
        ["budgets"] = "Xmtp:Limits:Budgets",
        ["nodeSelectorStrategy"] = "Xmtp:Payer:NodeSelectorStrategy",
        ["preferredNodes"] = "Xmtp:Payer:PreferredNodes",
        ["payerWarning"] = "Xmtp:Funds:PayerWarning",
        ["payerCritical"] = "Xmtp:Funds:PayerCritical",
        ["gasWarning"] = "Xmtp:Funds:GasWarning",
        ["gasCritical"] = "Xmtp:Funds:GasCritical",
        ["runwayWarning"] = "Xmtp:Funds:RunwayWarning",
        ["runwayCritical"] = "Xmtp:Funds:RunwayCritical",
    };

    private const int MaxName = 40;

    private static readonly string[] OfPayers =
    [
        "name", .. KeyEntry.Members, "senders", "fundSenders", "from", "until", "callers", "origins", .. Settings.Keys,
    ];

    private static readonly string[] OfIssuers =
        ["issuer", "jwksUrl", "discoveryUrl", "publicKey", "publicKeyFile", "audience", "algorithms", "userClaim"];

    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Parses the text of a file.</summary>
    /// <param name="name">The setting that named the file, for faults.</param>
    /// <param name="text">The text, in UTF-8.</param>
    /// <param name="faults">Where faults go.</param>
    internal static PayersDocument Parse(string name, ReadOnlyMemory<byte> text, ICollection<string> faults)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Lenient);
            var root = new JsonMembers(name, document.RootElement, ["payers", "issuers"], faults);
            var payers = root.List("payers");
            if (payers.Count == 0) root.Fault("payers: expected at least one payer");
            var shared = new SharedValues();
            List<PayerEntry> entries = [.. payers.Select((one, i) => Payer(name, i, one, shared, faults))];
            foreach (var fault in PayerDates.Differences(entries.Zip(payers))) faults.Add(fault);
            return new PayersDocument(
                entries,
                [.. root.List("issuers").Select((one, i) => Issuer($"{name}: issuers[{i}]", one, faults))]);
        }
        catch (JsonException wrong)
        {
            faults.Add($"{name}: the file is not JSON, at line {wrong.LineNumber + 1}");
            return PayersDocument.Empty;
        }
    }

    private static PayerEntry Payer(string file, int index, JsonElement element, SharedValues shared, ICollection<string> faults)
    {
        var named = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("name", out var value)
            && value.ValueKind == JsonValueKind.String && IsName(value.GetString()!) ? value.GetString() : null;
        var place = PayerEntry.PlaceOf(file, index, named ?? "");
        var members = new JsonMembers(place, element, OfPayers, faults);
        if (named is null)
            members.Fault($"name: expected 1 to {MaxName} letters, digits, dots, dashes and underscores");
        return new PayerEntry
        {
            File = file,
            Index = index,
            Name = named ?? "",
            Key = KeyEntry.Of(members),
            Senders = SenderEntry.ListOf(place, members, faults),
            Funding = FundingEntry.Of(place, members, faults),
            From = PayerDates.Read(members, "from"),
            Until = PayerDates.Read(members, "until"),
            Callers = members.List("callers").Select((one, i) => Rule($"{place}: callers[{i}]", one, shared, faults))
                .OfType<PayerRule>().ToArray(),
            Origins = Origins(members),
            Settings = shared.Settings(Settings.Where(setting => members.Has(setting.Key))
                .ToDictionary(setting => setting.Value, setting => members.Value(setting.Key))),
        };
    }

    private static List<string>? Origins(JsonMembers members)
    {
        if (members.Texts("origins") is not { } origins) return null;
        List<string> read = [];
        foreach (var origin in origins)
        {
            if (CorsOrigin.TryRead(origin, out var one) && one is not "*") read.Add(one);
            else members.Fault("origins: expected origins as browsers send them, scheme://host without a path");
        }

        return read;
    }

    private static PayerRule? Rule(string place, JsonElement element, SharedValues shared, ICollection<string> faults)
    {
        var members = new JsonMembers(place, element, ["issuer", "audience", "claim", "value", "header", "sha256", "addresses"], faults);
        var ofToken = members.Has("issuer") || members.Has("audience") || members.Has("claim") || members.Has("value");
        var ofHeader = members.Has("header") || members.Has("sha256");
        var ofAddress = members.Has("addresses");
        if (new[] { ofToken, ofHeader, ofAddress }.Count(isOf => isOf) != 1)
        {
            members.Fault("expected one kind of rule: issuer, audience, claim and value; or header and sha256; or addresses");
            return null;
        }

        return ofToken ? Token(members, shared) : ofHeader ? Header(members, shared) : Address(members);
    }

    private static TokenRule? Token(JsonMembers members, SharedValues shared)
    {
        if (members.Has("claim") == members.Has("value"))
        {
            return new TokenRule(
                shared.Text(members.Text("issuer")),
                shared.Text(members.Text("audience")),
                shared.Text(members.Text("claim")),
                members.Text("value"));
        }

        members.Fault("claim and value: expected both");
        return null;
    }

    private static HeaderRule? Header(JsonMembers members, SharedValues shared)
    {
        var (header, hash) = (members.Text("header"), members.Text("sha256"));
        if (header is not null && hash is { Length: 64 } && hash.All(char.IsAsciiHexDigit) && header.All(IsOfHeader))
            return new HeaderRule(shared.Text(header.ToLowerInvariant()), new Bytes32(Convert.FromHexString(hash)));
        members.Fault("header and sha256: expected the name of a header, and the SHA-256 of its value as 64 hexadecimal digits");
        return null;
    }

    private static AddressRule? Address(JsonMembers members)
    {
        if (members.Text("addresses") is { } text && IPNetwork.TryParse(text, out var range)
            && (range.BaseAddress.AddressFamily == AddressFamily.InterNetwork || range.PrefixLength <= 64))
        {
            return new AddressRule(range);
        }

        members.Fault("addresses: expected one range such as 10.1.0.0/16, or of IPv6 up to /64");
        return null;
    }

    private static (string Place, IReadOnlyDictionary<string, string?> Settings) Issuer(
        string place, JsonElement element, ICollection<string> faults)
    {
        var members = new JsonMembers(place, element, OfIssuers, faults);
        if (members.Text("issuer") is null or "*") members.Fault("issuer: expected the iss of its tokens");
        return (place, OfIssuers.Where(members.Has).ToDictionary(
            name => $"Xmtp:Auth:Jwt:{char.ToUpperInvariant(name[0])}{name[1..]}", members.Value));
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && name.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.');

    private static bool IsOfHeader(char sign) => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_';
}
