using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>What real providers do that a local chain does not, for a <see cref="RpcProxy"/>.</summary>
public static partial class RpcFaultModes
{
    /// <summary>Members that are bytes and no quantities.</summary>
    private static readonly HashSet<string> Bytes =
    [
        "data", "input", "extraData", "logsBloom", "r", "s", "sha3Uncles", "mixHash", "nonceBytes",
    ];

    /// <summary>An error of the JSON-RPC server itself, as a body.</summary>
    public static string Error(int code, string message) =>
        JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 0, error = new { code, message } });

    /// <summary>Whether a request calls a contract.</summary>
    public static bool IsCallOf(EthereumAddress contract, string method, JsonElement parameters) =>
        method == "eth_call" && parameters[0].GetProperty("to").GetString() == HexData.Format(contract.Bytes);

    /// <summary>What the chain answers to another question, as a body.</summary>
    public static async Task<string> ResultAsync(EthereumRpc chain, string method, params object?[] parameters)
    {
        var result = (await chain.AskAsync(method, parameters, json => json.GetRawText(), default)).OrThrow();
        return "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":" + result + "}";
    }

    /// <summary>A page of an edge that has no server behind it.</summary>
    public static RpcReply Unavailable { get; } =
        new(503, "<html><head><title>503</title></head><body>no server is available</body></html>");

    /// <summary>Limits as providers put them into words, each with HTTP 429: QuickNode, dRPC, QuickNode's credits, and an edge.</summary>
    public static TheoryData<string> Limits { get; } = new(
        Error(-32007, "50/second request limit reached - reduce calls per second or upgrade your account"),
        Error(15, "Too many request, try again later"),
        Error(-32012, "slow down"),
        Error(-32000, "words that nobody has heard yet"),
        "<html>too fast</html>");

    /// <summary>What is not a JSON-RPC error, and yet only says that a range of logs is too wide, or took too long.</summary>
    public static IReadOnlyDictionary<string, RpcReply> WideRanges { get; } = new Dictionary<string, RpcReply>
    {
        ["500"] = new(500, "<html>internal server error</html>"),
        ["502"] = new(502, "<html>bad gateway</html>"),
        ["504"] = new(504, "upstream request timeout"),
        ["503 with an error"] = new(503, Error(-32603, "service temporarily unavailable")),
        ["a page"] = new(200, "<html>the request took too long</html>"),
        ["cut off"] = new(200, """{"jsonrpc":"2.0","id":1,"result":[{"address":"0x"""),
        ["limit exceeded"] = new(200, Error(-32005, "limit exceeded")),
        ["query timeout"] = new(200, Error(-32005, "query timeout exceeded")),
        ["ranges over"] = new(400, Error(35, "ranges over 10000 blocks are not supported on freetier")),
    };

    /// <summary>Pages of an edge about a limit of rate: the status alone does not say so.</summary>
    public static IReadOnlyList<RpcReply> LimitPages { get; } =
    [
        new(403, "error code: 1015"),
        new(403, "<html><title>Access denied</title><body>Error 1015 - You are being rate limited</body></html>"),
        new(503, "<html>Too Many Requests</html>"),
        new(200, "Too many requests, please try again later."),
        new(402, "<html>payment required</html>"),
        new(402, Error(-32000, "words that nobody has heard yet")),
    ];

    /// <summary>Notifications whose text holds these words are not passed on, and no error says so.</summary>
    public static Func<string, string> Mute(string words) => answer =>
        answer.Contains("\"eth_subscription\"", StringComparison.Ordinal) && answer.Contains(words, StringComparison.Ordinal) ? "" : answer;

    /// <summary>Each quantity of a response or a notification is written another way.</summary>
    public static Func<string, string> Quantities(Func<string, JsonNode?> write) => answer => Change(answer, (name, node) =>
        !Bytes.Contains(name) && node.GetValueKind() == JsonValueKind.String && Quantity().IsMatch(node.GetValue<string>())
            ? write(node.GetValue<string>())
            : node);

    /// <summary>With leading zeros.</summary>
    public static JsonNode? WithZeros(string quantity) => "0x000" + quantity[2..];

    /// <summary>As JSON numbers.</summary>
    public static JsonNode? AsNumber(string quantity) =>
        ulong.TryParse(quantity.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) ? number : quantity;

    /// <summary>Logs tell other times of their blocks; null tells none.</summary>
    public static Func<string, string> LogTimes(Func<string, JsonNode?> write) =>
        answer => Change(answer, (name, node) => name == "blockTimestamp" ? write(node.ToString()) : node);

    /// <summary>Blocks tell other times; null tells none.</summary>
    public static Func<string, string> BlockTimes(Func<string, JsonNode?> write) =>
        answer => Change(answer, (name, node) => name == "timestamp" ? write(node.ToString()) : node);

    /// <summary>Receipts of another shape, as a <see cref="RpcProxy.Fault"/>.</summary>
    public static Func<string, JsonElement, Func<Task<string>>, Task<string?>> Receipts(Func<JsonObject, JsonNode?> write) =>
        async (method, _, forward) =>
        {
            var answer = await forward();
            if (method != "eth_getTransactionReceipt") return answer;
            var root = JsonNode.Parse(answer)!;
            if (root["result"] is not JsonObject receipt) return answer;
            var written = write(receipt);
            if (!ReferenceEquals(written, receipt)) root["result"] = written;
            return root.ToJsonString();
        };

    /// <summary>A log that is none, of a contract that nobody asked for.</summary>
    public static JsonObject UnreadableLog => JsonNode.Parse(
        """{"address":"0x00000000000000000000000000000000000000cc","topics":["none"],"data":"0xf"}""")!.AsObject();

    /// <summary>Answers with logs have one more, which cannot be read.</summary>
    public static string WithUnreadableLog(string answer)
    {
        var root = JsonNode.Parse(answer)!;
        if (root["result"] is not JsonArray { Count: > 0 } logs || logs[0]?["logIndex"] is null) return answer;
        logs.Insert(0, UnreadableLog);
        return root.ToJsonString();
    }

    /// <summary>Members are left out.</summary>
    public static Func<string, string> Without(params string[] members) =>
        answer => Change(answer, (name, node) => members.Contains(name) ? null : node);

    private static string Change(string answer, Func<string, JsonNode, JsonNode?> change)
    {
        var root = JsonNode.Parse(answer)!;
        Walk(root, change);
        return root.ToJsonString();
    }

    private static void Walk(JsonNode node, Func<string, JsonNode, JsonNode?> change)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array.OfType<JsonNode>()) Walk(item, change);
            return;
        }

        if (node is not JsonObject members) return;
        foreach (var (name, value) in members.ToList())
        {
            if (value is null || name is "id" or "jsonrpc" or "subscription") continue;
            // The result of a subscription is its name.
            if (name == "result" && members.ContainsKey("id") && value is JsonValue && !Quantity().IsMatch(value.ToString())) continue;
            var changed = change(name, value);
            if (changed is null) members.Remove(name);
            else if (!ReferenceEquals(changed, value)) members[name] = changed;
            else Walk(value, change);
        }
    }

    [GeneratedRegex("^0x(0|[1-9a-f][0-9a-f]{0,15})$")]
    private static partial Regex Quantity();
}
