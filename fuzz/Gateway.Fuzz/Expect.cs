namespace Xmtp.Gateway.Fuzz;

/// <summary>States what has to hold.</summary>
internal static class Expect
{
    public static void That(bool holds, string property)
    {
        if (!holds) throw new PropertyViolatedException(property);
    }

    public static void SameBytes(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> found, string what)
    {
        if (!expected.SequenceEqual(found)) throw new PropertyViolatedException($"{what}: the bytes differ");
    }

    public static void Same<T>(T expected, T found, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
            throw new PropertyViolatedException($"{what}: expected {expected}, found {found}");
    }

    /// <summary>A text for a caller or a log: one short line.</summary>
    public static void Line(string text, string what) =>
        That(text.Length is > 0 and < 1000 && !text.Any(char.IsControl), $"{what}: it is no short line");
}
