using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Reads the response to a batch: a list of responses in any order, of which some may be missing.</summary>
internal static class RpcBatchResponse
{
    /// <summary>Reads it.</summary>
    /// <param name="calls">The requests, with ids from <paramref name="firstId"/> on.</param>
    /// <param name="firstId">The id of the first.</param>
    /// <param name="utf8">The body.</param>
    /// <returns>The answers in the order of the requests, null for one that is missing; null where the body is no list.</returns>
    public static RpcResult<JsonElement>?[]? Read(IReadOnlyList<RpcCall> calls, long firstId, ReadOnlySpan<byte> utf8)
    {
        try
        {
            var body = utf8.StartsWith(RpcResponse.ByteOrderMark) ? utf8[RpcResponse.ByteOrderMark.Length..] : utf8;
            var list = JsonElement.Parse(body);
            if (list.ValueKind != JsonValueKind.Array) return null;
            var answers = new RpcResult<JsonElement>?[calls.Count];
            foreach (var one in list.EnumerateArray())
            {
                if (PlaceOf(one, firstId) is { } place && place < (ulong)calls.Count)
                    answers[place] = RpcResponse.Read(calls[(int)place].Method, one);
            }

            // One error about the whole, in a list, is a refusal.
            return answers.Any(answer => answer is not null) ? answers : null;
        }
        catch (Exception exception) when (JsonText.IsFault(exception))
        {
            return null;
        }
    }

    private static ulong? PlaceOf(JsonElement answer, long firstId) => answer.ValueKind == JsonValueKind.Object
        && answer.TryGetProperty("id"u8, out var id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number)
        && number >= firstId ? (ulong)(number - firstId) : null;
}
