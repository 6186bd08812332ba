using System.Text.RegularExpressions;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>What .editorconfig says and no analyzer checks.</summary>
public sealed partial class SourceStyleTests
{
    private const int MaxLineLength = 140;

    [Fact]
    public void No_line_of_the_sources_has_more_than_140_columns()
    {
        var lines = Lines("*.cs").Concat(Lines("*.lua"));
        Assert.Empty(lines.Where(line => line.Text.Length > MaxLineLength).Select(line => $"{line.Place}: {line.Text.Length} columns"));
    }

    [Fact]
    public void No_fields_or_properties_are_assigned_as_a_tuple()
    {
        Assert.Empty(Lines("*.cs").Where(line => IsTupleAssignment(line.Text)).Select(line => $"{line.Place}: {line.Text.Trim()}"));
    }

    [Theory]
    [InlineData("        (_first, _second) = (first, second);", true)]
    [InlineData("    internal Pair(int a, int b) => (this.a, B) = (a, b);", true)]
    [InlineData("        if (isNew) (_first, count) = (first, 0);", true)]
    [InlineData("        (_first, _second) = (_second, _first);", false)]
    [InlineData("        (array[i], array[j]) = (array[j], array[i]);", false)]
    [InlineData("        (low, high) = (high, low + high);", false)]
    [InlineData("        var (Low, High) = (1, 2);", false)]
    [InlineData("        Assert.Equal((_first, _second), (first, second));", false)]
    public void A_tuple_assignment_is_distinguished_from_a_swap_and_from_locals(string line, bool expected) =>
        Assert.Equal(expected, IsTupleAssignment(line));

    private static bool IsTupleAssignment(string line)
    {
        var match = TupleAssignment().Match(line);
        if (!match.Success) return false;
        string[] left = [.. match.Groups["left"].Value.Split(',', StringSplitOptions.TrimEntries)];
        string[] right = [.. match.Groups["right"].Value.Split(',', StringSplitOptions.TrimEntries)];
        return left.Any(IsMember) && !left.Order(StringComparer.Ordinal).SequenceEqual(right.Order(StringComparer.Ordinal));
    }

    // A field by its underscore or by "this.", a property by its capital letter. An element of an array is neither.
    private static bool IsMember(string target) =>
        !target.Contains('[', StringComparison.Ordinal)
        && (target.StartsWith("this.", StringComparison.Ordinal) || (target.Length > 1 && target[0] == '_') || char.IsUpper(target[0]));

    private static IEnumerable<(string Place, string Text)> Lines(string files)
    {
        var root = Root();
        foreach (var file in Directory.EnumerateFiles(root, files, SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(root, file);
            if (path.Split(Path.DirectorySeparatorChar).Any(IsMade)) continue;
            var number = 0;
            foreach (var line in File.ReadLines(file)) yield return ($"{path}:{++number}", line);
        }
    }

    private static bool IsMade(string folder) => folder is "bin" or "obj" or "artifacts" or "node_modules" || folder[0] == '.';

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gateway.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"^\s*(?:[^""]*(?:=>|\)|\belse)\s+)?\((?<left>[\w.\[\]]+(?:, [\w.\[\]]+)+)\) = (?:\((?<right>.*)\)|.*);?")]
    private static partial Regex TupleAssignment();
}
