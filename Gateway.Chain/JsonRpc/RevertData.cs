using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// Finds the revert data in the <c>data</c> of an error. Endpoints differ: a plain <c>"0x…"</c>,
/// <c>"Reverted 0x…"</c>, or an object that holds the bytes as <c>data</c> or <c>result</c>.
/// </summary>
internal static class RevertData
{
    public static byte[]? Find(JsonElement data) => data.ValueKind switch
    {
        JsonValueKind.String => Parse(JsonText.Of(data)),
        JsonValueKind.Object when data.TryGetProperty("data"u8, out var inner) && inner.ValueKind == JsonValueKind.String =>
            Parse(JsonText.Of(inner)),
        JsonValueKind.Object when data.TryGetProperty("result"u8, out var inner) && inner.ValueKind == JsonValueKind.String =>
            Parse(JsonText.Of(inner)),
        _ => null,
    };

    private static byte[]? Parse(string? text)
    {
        const string Prefix = "Reverted ";
        if (text?.StartsWith(Prefix, StringComparison.Ordinal) == true) text = text[Prefix.Length..];
        return HexData.TryParse(text, out var bytes) ? bytes : null;
    }
}
