using System.Text.Json;

namespace Xmtp.Gateway.Bench;

/// <summary>The form of a report as JSON: indented, members in camel case.</summary>
internal static class BenchJson
{
    private static readonly JsonSerializerOptions Options =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes it.</summary>
    public static string Write<T>(T report) => JsonSerializer.Serialize(report, Options);
}
