using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Reads JSON strings of an endpoint, which may hold what is not Unicode: other bytes than UTF-8, or half of a pair.</summary>
internal static class JsonText
{
    /// <summary>The text; null when the value is not a string, or no Unicode.</summary>
    public static string? Of(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether an exception means that bytes are no JSON; of a name that is not Unicode it is another one.</summary>
    public static bool IsFault(Exception exception) => exception is JsonException or InvalidOperationException;
}
