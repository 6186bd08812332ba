using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>One row of the table of settings: a flag, its variables, its configuration key, its default and its help.</summary>
/// <param name="Flag">The flag without dashes, such as <c>payer.private-key</c>.</param>
/// <param name="Variables">The environment variables, the preferred name first.</param>
/// <param name="Key">The configuration key, such as <c>Xmtp:Payer:PrivateKey</c>.</param>
/// <param name="Default">The default as it would be written in configuration; null when there is none.</param>
/// <param name="Help">One line.</param>
internal abstract record Setting(string Flag, IReadOnlyList<string> Variables, string Key, string? Default, string Help)
{
    /// <summary>The one-letter flag, if there is one.</summary>
    public char? Short { get; init; }

    /// <summary>Other names of the flag.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Whether the value must never be shown.</summary>
    public bool Secret { get; init; }

    /// <summary>
    /// Whether the flag is accepted for compatibility with the original's command lines and has no effect here.
    /// </summary>
    public bool HasNoEffect { get; init; }

    /// <summary>Whether zero means that no value is given, as in the original.</summary>
    public bool IsZeroUnset { get; init; }

    /// <summary>The name of the value in <c>--help</c>; empty for a switch.</summary>
    public abstract string ValueWord { get; }

    /// <summary>What is unusual about a valid value, without the name of the setting; null when nothing is.</summary>
    public abstract string? Warning(string text);

    /// <summary>Whether the flag may be given without a value.</summary>
    public bool IsSwitch => ValueWord.Length == 0;

    /// <summary>The flag and the variable, as faults name the setting.</summary>
    public string Name => $"--{Flag} ({Variables[0]})";

    /// <summary>The configuration key of the name by which it was given, if that is not the first flag or variable.</summary>
    public string OtherNameKey => $"{Key}:OtherName";

    /// <summary>Whether a text is a value: it is neither empty, nor a zero where that means none.</summary>
    public bool IsGiven([NotNullWhen(true)] string? text) =>
        text is not null && Unquoted(text) is { Length: > 0 } value && !(IsZeroUnset && IsZero(value));

    /// <summary>Whether two texts are the same value.</summary>
    public abstract bool AreSame(string one, string other);

    /// <summary>The fault of a value that is given differently under two of the setting's names; no value is shown.</summary>
    public string Disagree(string one, string other) =>
        $"{Name}: {one} and {other} name this setting, and have different values; expected one of them";

    /// <summary>The other name by which the value was given; null when it was given by the first flag or variable, or not at all.</summary>
    public string? OtherName(IConfiguration configuration) => configuration[OtherNameKey];

    /// <summary>The value as text, from any configuration source; null when it is missing, empty, or a zero that means
    /// none.</summary>
    /// <remarks>An array in appsettings.json becomes a comma-separated list. Quotes around the whole value are taken off.</remarks>
    public string? Given(IConfiguration configuration)
    {
        var section = configuration.GetSection(Key);
        var text = section.Value ?? string.Join(',', section.GetChildren().Select(child => child.Value));
        return IsGiven(text) ? Unquoted(text) : null;
    }

    /// <summary>
    /// A text without the space around it, and without quotes around all of it, which are those of a file of variables that is read
    /// without a shell.
    /// </summary>
    protected static string Unquoted(string text)
    {
        var value = text.Trim();
        var isQuoted = value is [('"' or '\'') and var quote, .., var last] && quote == last && value.IndexOf(quote, 1) == value.Length - 1;
        return isQuoted ? value[1..^1].Trim() : value;
    }

    /// <summary>Whether a text is the zero of this setting's type.</summary>
    protected abstract bool IsZero(string text);
}

/// <summary>A row whose value goes to a property of <typeparamref name="TOptions"/>.</summary>
internal abstract record Setting<TOptions>(string Flag, IReadOnlyList<string> Variables, string Key, string? Default, string Help)
    : Setting(Flag, Variables, Key, Default, Help)
{
    /// <summary>Parses the text into the options; returns the fault when it is invalid.</summary>
    public abstract string? Apply(TOptions options, string text);
}

/// <summary>A row whose value is a <typeparamref name="T"/>.</summary>
internal sealed record Setting<TOptions, T>(
    string Flag, IReadOnlyList<string> Variables, string Key, string? Default, string Help, SettingType<T> Kind, Action<TOptions, T> Set)
    : Setting<TOptions>(Flag, Variables, Key, Default, Help)
{
    /// <inheritdoc/>
    public override string ValueWord => Kind.Word;

    /// <inheritdoc/>
    public override string? Warning(string text) => Kind.TryParse(text, out _) ? Kind.Warn(text) : null;

    /// <inheritdoc/>
    public override bool AreSame(string one, string other)
    {
        var (left, right) = (Unquoted(one), Unquoted(other));
        return left == right
            || (Kind.TryParse(left, out var first) && Kind.TryParse(right, out var second) && Kind.AreEqual(first, second));
    }

    /// <inheritdoc/>
    protected override bool IsZero(string text) => typeof(T) == typeof(TimeSpan)
        ? GoDuration.TryParse(text, out var time) && time == TimeSpan.Zero
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number == 0;

    /// <inheritdoc/>
    public override string? Apply(TOptions options, string text)
    {
        if (Kind.TryParse(text, out var value))
        {
            Set(options, value);
            return null;
        }

        var shown = Secret ? null : Kind.Show(text);
        return $"{Name}: {shown ?? "the value given"} is wrong; expected {Kind.Expected}";
    }
}
