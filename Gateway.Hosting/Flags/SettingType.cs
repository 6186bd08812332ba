namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>A kind of value that a setting takes: how it is read, what <c>--help</c> calls it, and what a fault says is expected.</summary>
/// <param name="Word">One word for <c>--help</c>, such as <c>duration</c>.</param>
/// <param name="Expected">What a right value is, such as <c>a whole number from 0 to 65535</c>.</param>
/// <param name="TryParse">Reads it.</param>
/// <param name="Show">How a wrong value may be shown in a fault; null shows nothing of it.</param>
internal sealed record SettingType<T>(string Word, string Expected, SettingType<T>.Reader TryParse, Func<string, string?> Show)
{
    /// <summary>Reads a text; false when it is not of the kind.</summary>
    public delegate bool Reader(string text, out T value);
}
