namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>The type of a setting's value: its parser, its word in <c>--help</c>, and its description in faults.</summary>
/// <param name="Word">One word for <c>--help</c>, such as <c>duration</c>.</param>
/// <param name="Expected">A valid value, such as <c>a whole number from 0 to 65535</c>.</param>
/// <param name="TryParse">Parses the value.</param>
/// <param name="Show">How a fault may show an invalid value; null shows nothing of it.</param>
internal sealed record SettingType<T>(string Word, string Expected, SettingType<T>.Reader TryParse, Func<string, string?> Show)
{
    /// <summary>What is unusual about a valid text; null when nothing is. It shows no secret.</summary>
    public Func<string, string?> Warn { get; init; } = _ => null;

    /// <summary>Whether two values are the same.</summary>
    public Func<T, T, bool> AreEqual { get; init; } = EqualityComparer<T>.Default.Equals;

    /// <summary>Parses a text; false when it is invalid.</summary>
    public delegate bool Reader(string text, out T value);
}
