using System.Globalization;
using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// Reads a response: <c>{"jsonrpc":"2.0","id":N,"result":…}</c> or <c>{…,"error":{"code":-32000,"message":"…","data":…}}</c>.
/// </summary>
internal static class RpcResponse
{
    private const int MaxMessageLength = 300;

    /// <summary>What some servers begin a message with.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Parses a message. Some servers begin it with a byte order mark, or wrap a single message in an array.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8)
    {
        var message = JsonElement.Parse(utf8.StartsWith(ByteOrderMark) ? utf8[ByteOrderMark.Length..] : utf8);
        return message.ValueKind == JsonValueKind.Array && message.GetArrayLength() == 1 ? message[0] : message;
    }

    public static RpcResult<JsonElement> Read(string method, JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object) return RpcError.Malformed(method, "the answer is not a JSON object");
        if (answer.TryGetProperty("error"u8, out var error) && error.ValueKind != JsonValueKind.Null) return ReadError(method, error);
        if (answer.TryGetProperty("result"u8, out var result)) return result;
        return RpcError.Malformed(method, "the answer has neither result nor error");
    }

    public static RpcResult<JsonElement> Read(string method, ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Read(method, Parse(utf8));
        }
        catch (Exception exception) when (JsonText.IsFault(exception))
        {
            return RpcError.Malformed(method, "the answer is not JSON");
        }
    }

    /// <summary>Reads the member <c>error</c>, which is not null.</summary>
    public static RpcError ReadError(string method, JsonElement error)
    {
        if (JsonText.Of(error) is { Length: > 0 } words)
            return new RpcError(method, RpcErrorClassifier.Classify(method, 0, null, words), 0, Shorten(words));
        if (error.ValueKind != JsonValueKind.Object) return RpcError.Malformed(method, "the error is not a JSON object");
        var code = error.TryGetProperty("code"u8, out var number) ? CodeOf(number) : 0;
        var message = error.TryGetProperty("message"u8, out var text) ? JsonText.Of(text) ?? string.Empty : string.Empty;
        var data = error.TryGetProperty("data"u8, out var extra) ? RevertData.Find(extra) : null;
        return new RpcError(method, RpcErrorClassifier.Classify(method, code, data, message), code, Shorten(message))
        {
            Data = data ?? ReadOnlyMemory<byte>.Empty,
        };
    }

    private static int CodeOf(JsonElement code) => code.ValueKind switch
    {
        JsonValueKind.Number when code.TryGetInt32(out var number) => number,
        JsonValueKind.String
            when int.TryParse(JsonText.Of(code), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            number,
        _ => 0,
    };

    private static string Shorten(string message) => message.Length <= MaxMessageLength ? message : message[..MaxMessageLength] + "…";
}
