using System.Globalization;
using System.Net;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>The types of settings' values.</summary>
internal static class SettingTypes
{
    private const string DurationForm = "a duration such as 300ms, 5s or 1h30m, ";

    // Some timers take 24.8 days at most, others 49.7, and two of these durations may be added.
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(24);
    private static readonly string[] True = ["true", "1", "t", "yes", "on"];
    private static readonly string[] False = ["false", "0", "f", "no", "off"];

    /// <summary>Yes or no; a flag without a value is yes.</summary>
    public static SettingType<bool> Switch { get; } = new("", "true or false", TrySwitch, Plain);

    /// <summary>Any text.</summary>
    public static SettingType<string> Text { get; } = new("text", "a text", TryText, Plain);

    /// <summary>Any text that may contain a password: no fault shows it.</summary>
    public static SettingType<string> SecretText { get; } = new("text", "a text", TryText, Nothing);

    /// <summary>A secp256k1 private key; no fault shows it.</summary>
    public static SettingType<string> PrivateKey { get; } =
        new("hex", "a secp256k1 private key of 64 hexadecimal digits, with or without 0x", TryPrivateKey, Nothing);

    /// <summary>The path of a file; no fault shows it, as the file's contents may have been given instead.</summary>
    public static SettingType<string> File { get; } = new("path", "a path", TryText, Nothing);

    /// <summary>A TCP port, or 0 for a free one.</summary>
    public static SettingType<int> Port { get; } = Number("port", 0, 65535);

    /// <summary>A TCP port, 0 for a free one, or -1 for none.</summary>
    public static SettingType<int> OptionalPort { get; } = Number("port", -1, 65535);

    /// <summary>A whole number of at least 1.</summary>
    public static SettingType<int> Positive { get; } = Number("number", 1, int.MaxValue);

    /// <summary>A whole number of at least 0.</summary>
    public static SettingType<int> Count { get; } = Number("number", 0, int.MaxValue);

    /// <summary>A whole number of at least 0, 64 bits.</summary>
    public static SettingType<ulong> Unsigned { get; } = new("number", "a whole number of at least 0", TryUnsigned, Plain);

    /// <summary>
    /// A duration of at least zero that something waits for. Timers have a maximum: a longer one is read as 576h (24 days), with a
    /// warning.
    /// </summary>
    public static SettingType<TimeSpan> Duration { get; } = Waited(TimeSpan.Zero, "at least 0");

    /// <summary>As <see cref="Duration"/>, and more than zero.</summary>
    public static SettingType<TimeSpan> PositiveDuration { get; } = Waited(TimeSpan.FromTicks(1), "more than 0");

    /// <summary>A duration of at least zero that times are only compared with: of any length.</summary>
    public static SettingType<TimeSpan> Age { get; } =
        new("duration", DurationForm + "at least 0", (string text, out TimeSpan value) => TryDuration(text, out value), Plain);

    /// <summary>As <see cref="Age"/>, and more than zero.</summary>
    public static SettingType<TimeSpan> PositiveAge { get; } = new(
        "duration",
        DurationForm + "more than 0",
        (string text, out TimeSpan value) => TryDuration(text, out value) && value > TimeSpan.Zero,
        Plain);

    /// <summary>The address of a contract.</summary>
    public static SettingType<EthereumAddress> Address { get; } =
        new("address", "an address of 0x and 40 hexadecimal digits (mixed case must carry its checksum), not zero", TryAddress, Plain);

    /// <summary>An IP address to bind, or localhost.</summary>
    public static SettingType<string> BindAddress { get; } = new("ip", "an IP address, or localhost", TryBindAddress, Plain);

    /// <summary>
    /// An http or https URL, which may contain credentials. A ws or wss URL is read as the one of the same host, with a warning.
    /// </summary>
    public static SettingType<Uri> HttpUrl { get; } = Url("http", "ws");

    /// <summary>
    /// A ws or wss URL, which may contain credentials. An http or https URL is read as the one of the same host, with a warning.
    /// </summary>
    public static SettingType<Uri> WebSocketUrl { get; } = Url("ws", "http");

    /// <summary>A whole number from 1 to 64: pending transactions of one sender that a mempool holds.</summary>
    public static SettingType<int> InFlight { get; } = Number("number", 1, 64);

    /// <summary>A gas price, more than zero.</summary>
    public static SettingType<Wei> GasPrice { get; } =
        new("gwei", "a price in gwei such as 0.01 or 100, more than 0, with at most 9 decimals", TryGasPrice, Plain);

    /// <summary>Node ids, separated by commas; blanks and empty items are ignored.</summary>
    public static SettingType<IReadOnlyList<uint>> NodeIds { get; } =
        new("ids", "node ids separated by commas, such as 100,200", TryNodeIds, Plain) { AreEqual = Enumerable.SequenceEqual };

    /// <summary>Texts, separated by commas.</summary>
    public static SettingType<IReadOnlyList<string>> List { get; } =
        new("list", "texts separated by commas", TryList, Plain) { AreEqual = Enumerable.SequenceEqual };

    /// <summary>Addresses and CIDR ranges, separated by commas.</summary>
    public static SettingType<IReadOnlyList<IPNetwork>> Networks { get; } =
        new("list", "IP addresses or CIDR ranges separated by commas, such as 10.0.0.0/8,::1", TryNetworks, Plain)
        {
            AreEqual = Enumerable.SequenceEqual,
        };

    /// <summary>One of the given words, in any case.</summary>
    public static SettingType<string> OneOf(params string[] words) =>
        new(
            string.Join('|', words),
            "one of " + string.Join(", ", words),
            (string text, out string value) => TryWord(words, text, out value),
            Plain);

    private static SettingType<int> Number(string word, int min, int max) => new(
        word,
        max == int.MaxValue ? $"a whole number of at least {min}" : $"a whole number from {min} to {max}",
        (string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            && value >= min
            && value <= max,
        Plain);

    private static SettingType<Uri> Url(string scheme, string other) => new(
        "url",
        $"a URL that begins with {scheme}:// or {scheme}s://",
        (string text, out Uri value) => TryUrl(scheme, other, text, out value),
        WithoutCredentials)
    {
        Warn = text => text.StartsWith(other, StringComparison.OrdinalIgnoreCase)
            ? $"a URL that begins with {scheme}:// or {scheme}s:// is expected; the one given is read as such"
            : null,
        // The equality of URLs ignores the credentials.
        AreEqual = (one, other) => one.AbsoluteUri == other.AbsoluteUri,
    };

    private static bool TryUrl(string scheme, string other, string text, out Uri value)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out value!) || value.Host.Length == 0) return false;
        if (value.Scheme == scheme || value.Scheme == scheme + "s") return true;
        return (value.Scheme == other || value.Scheme == other + "s")
            && Uri.TryCreate(scheme + text[other.Length..], UriKind.Absolute, out value!);
    }

    private static string? Plain(string text) => text.Length <= 100 ? $"\"{text}\"" : $"\"{text[..100]}…\"";

    // An invalid URL is not shown at all: any part of it may be secret.
    private static string? WithoutCredentials(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Host.Length > 0 ? RedactedUrl.Of(url) : null;

    private static string? Nothing(string text) => null;

    private static bool TrySwitch(string text, out bool value)
    {
        value = True.Contains(text, StringComparer.OrdinalIgnoreCase);
        return value || False.Contains(text, StringComparer.OrdinalIgnoreCase);
    }

    private static bool TryText(string text, out string value)
    {
        value = text;
        return true;
    }

    private static bool TryPrivateKey(string text, out string value)
    {
        value = text;
        return PrivateKeySigner.TryParse(text, out _);
    }

    private static bool TryUnsigned(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool TryGasPrice(string text, out Wei value)
    {
        value = default;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var gwei)
            || gwei <= 0
            || gwei > 1_000_000_000)
        {
            return false;
        }
        var wei = gwei * 1_000_000_000;
        value = new Wei((UInt128)wei);
        return wei == decimal.Truncate(wei);
    }

    private static SettingType<TimeSpan> Waited(TimeSpan least, string expected) => new(
        "duration", DurationForm + expected, (string text, out TimeSpan value) => TryWait(text, least, out value), Plain)
    {
        Warn = text => TryDuration(text, out var given) && given > MaxWait
            ? $"longer than a timer can wait; it is read as {GoDuration.Format(MaxWait)}"
            : null,
    };

    private static bool TryWait(string text, TimeSpan least, out TimeSpan value)
    {
        if (!TryDuration(text, out value) || value < least) return false;
        if (value > MaxWait) value = MaxWait;
        return true;
    }

    private static bool TryDuration(string text, out TimeSpan value) => GoDuration.TryParse(text, out value) && value >= TimeSpan.Zero;

    private static bool TryAddress(string text, out EthereumAddress value) => EthereumAddress.TryParse(text, out value) && !value.IsZero;

    private static bool TryBindAddress(string text, out string value)
    {
        value = text == "localhost" ? "127.0.0.1" : text;
        return IPAddress.TryParse(value, out _);
    }

    private static bool TryWord(string[] words, string text, out string value)
    {
        value = words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? "";
        return value.Length > 0;
    }

    private static bool TryList(string text, out IReadOnlyList<string> value)
    {
        value = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return true;
    }

    private static bool TryNodeIds(string text, out IReadOnlyList<uint> value) =>
        TryEach(
            text, (string part, out uint id) => uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out id), out value);

    private static bool TryNetworks(string text, out IReadOnlyList<IPNetwork> value) => TryEach(text, TryNetwork, out value);

    private static bool TryNetwork(string text, out IPNetwork value)
    {
        if (IPNetwork.TryParse(text, out value)) return true;
        if (!IPAddress.TryParse(text, out var single)) return false;
        value = new IPNetwork(single, single.GetAddressBytes().Length * 8);
        return true;
    }

    private static bool TryEach<T>(string text, SettingType<T>.Reader read, out IReadOnlyList<T> value)
    {
        TryList(text, out var parts);
        var items = new List<T>(parts.Count);
        value = items;
        foreach (var part in parts)
        {
            if (!read(part, out var item)) return false;
            items.Add(item);
        }

        return true;
    }
}
