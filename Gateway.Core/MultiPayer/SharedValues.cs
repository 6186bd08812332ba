using System.Diagnostics.CodeAnalysis;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Values of a payers file that many of its payers have alike: each is kept once.</summary>
internal sealed class SharedValues
{
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, string?>> _settings = new(StringComparer.Ordinal);

    /// <summary>The text that was kept first of those that are equal.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    internal string? Text(string? text)
    {
        if (text is null) return null;
        if (_texts.TryGetValue(text, out var known)) return known;
        _texts.Add(text);
        return text;
    }

    /// <summary>The settings that were kept first of those that are equal.</summary>
    internal IReadOnlyDictionary<string, string?> Settings(IReadOnlyDictionary<string, string?> settings)
    {
        var all = string.Join('\n', settings.Select(one => $"{one.Key}={one.Value}"));
        if (_settings.TryGetValue(all, out var known)) return known;
        _settings.Add(all, settings);
        return settings;
    }
}
