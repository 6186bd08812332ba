using System.Globalization;
using System.Text.Json;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The members of an object of the payers file: each is known, is there once, and has the right type.</summary>
/// <remarks>A fault names a member and never shows its value: a key may have been written where it does not belong.</remarks>
internal sealed class JsonMembers
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);
    private readonly string _place;
    private readonly ICollection<string> _faults;

    /// <summary>Reads the members.</summary>
    /// <param name="place">Where the object is, for faults.</param>
    /// <param name="element">The object.</param>
    /// <param name="known">The names that it may have.</param>
    /// <param name="faults">Where faults go.</param>
    internal JsonMembers(string place, JsonElement element, IReadOnlyCollection<string> known, ICollection<string> faults)
    {
        _place = place;
        _faults = faults;
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fault("expected an object");
            return;
        }

        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name)) Fault($"\"{member.Name}\" is not known here; expected {string.Join(", ", known)}");
            else if (!_members.TryAdd(member.Name, member.Value)) Fault($"{member.Name} is there twice");
        }
    }

    /// <summary>Whether a member is there.</summary>
    internal bool Has(string name) => _members.ContainsKey(name);

    /// <summary>A text that is not empty; null when it is not there, or is a fault.</summary>
    internal string? Text(string name)
    {
        if (!_members.TryGetValue(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && text == text.Trim()) return text;
        Fault($"{name}: expected a text");
        return null;
    }

    /// <summary>A text, a number, or a list of these as one text with commas; null when it is not there, or is a fault.</summary>
    internal string? Value(string name)
    {
        if (!_members.TryGetValue(name, out var value)) return null;
        if (Scalar(value) is { } scalar) return scalar;
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => Scalar(one) is not null))
            return string.Join(',', value.EnumerateArray().Select(Scalar));
        Fault($"{name}: expected a text, a number, or a list of them");
        return null;
    }

    /// <summary>A whole number within bounds; null when it is not there, or is a fault.</summary>
    internal int? Number(string name, int least, int most)
    {
        if (!_members.TryGetValue(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
            return number;
        Fault($"{name}: expected a whole number from {least} to {most}");
        return null;
    }

    /// <summary>A list of texts; null when it is not there, or is a fault.</summary>
    internal IReadOnlyList<string>? Texts(string name)
    {
        if (!_members.TryGetValue(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(one => one.GetString()!)];
        Fault($"{name}: expected a list of texts");
        return null;
    }

    /// <summary>The element of a member; null when it is not there.</summary>
    internal JsonElement? Element(string name) => _members.TryGetValue(name, out var value) ? value : null;

    /// <summary>The elements of a list; none when it is not there, or is a fault.</summary>
    internal IReadOnlyList<JsonElement> List(string name)
    {
        if (!_members.TryGetValue(name, out var value)) return [];
        if (value.ValueKind == JsonValueKind.Array) return [.. value.EnumerateArray()];
        Fault($"{name}: expected a list");
        return [];
    }

    /// <summary>Adds a fault of this object.</summary>
    internal void Fault(string what) => _faults.Add($"{_place}: {what}");

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var number) ? number.ToString(CultureInfo.InvariantCulture) : value.GetRawText(),
        _ => null,
    };
}
