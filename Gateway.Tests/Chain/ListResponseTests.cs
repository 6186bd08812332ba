using System.Text;
using System.Text.Json.Nodes;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

/// <summary>
/// Logs are read item by item while the response arrives. Whatever the response is, and however it is cut into pieces, the
/// result is that of the whole response read at once, which a limit of time around the transport makes.
/// </summary>
public sealed class ListResponseTests
{
    private const string Bounds = """{"address":"0x00000000000000000000000000000000000000cc"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Names of <see cref="Body"/>.</summary>
    public static TheoryData<string> Bodies { get; } =
        new(
            "three logs",
            "a log that is longer than the buffer",
            "no logs",
            "null",
            "other members around",
            "white space",
            "a byte order mark",
            "in an array",
            "two in an array",
            "an empty array",
            "a text",
            "nothing",
            "a page",
            "a page about a limit",
            "cut off in a log",
            "cut off at the end",
            "more after the end",
            "neither",
            "a number",
            "an object",
            "an error",
            "an error after the logs",
            "no error before the logs",
            "an error in words",
            "an error that is a number",
            "an error that is not Unicode",
            "a log that is not Unicode",
            "two results",
            "an unreadable log",
            "an unreadable log of another contract",
            "a limit after an unreadable log");

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_response_in_pieces_gives_the_result_of_the_whole_one(string name)
    {
        var body = Body(name);
        var whole = await AskAsync(
            body, body.Length, transport => new TimedRpcTransport(transport, TimeSpan.FromMinutes(1), TimeProvider.System));

        foreach (var piece in new[] { body.Length, 1, 7, 1000 })
            Assert.Equal(whole, await AskAsync(body, Math.Max(piece, body.Length / 2000), transport => transport));
    }

    // Each time at another port: a limit pauses the requests to an endpoint.
    private static async Task<string> AskAsync(byte[] body, int piece, Func<HttpRpcTransport, IRpcTransport> around)
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(async call =>
        {
            for (var at = 0; at < body.Length; at += piece)
            {
                await call.Response.Body.WriteAsync(body.AsMemory(at, Math.Min(piece, body.Length - at)), call.RequestAborted);
                await call.Response.Body.FlushAsync(call.RequestAborted);
            }
        });
        using var transport = new HttpRpcTransport(server.HttpUrl);
        var filter = new LogFilter { Addresses = [ChainAddresses.GroupMessageBroadcaster] };
        var answer = await new EthereumRpc(around(transport)).GetLogsAsync(filter.Between(1, 9), Cancel);
        return answer.TryGet(out var logs, out var error)
            ? "logs " + string.Join(' ', logs.Select(log => $"{log.LogIndex}:{log.Data.Length}"))
            : $"{error.Kind} {error.Code} {error.Message}";
    }

    private static byte[] Body(string name) => Encoding.UTF8.GetBytes(name switch
    {
        "three logs" => Message(Logs(1, 2, 3)),
        "a log that is longer than the buffer" => Message($"[{Log(1)},{Log(2, 300_000)},{Log(3)}]"),
        "no logs" => Message("[]"),
        "null" => Message("null"),
        "other members around" => "{\"a\":[[1,{\"result\":[]}]],\"result\":" + Logs(1, 2) + ",\"b\":{\"error\":1},\"id\":7}",
        "white space" => " \n{ \"result\" :\t[ " + Log(1) + " , " + Log(2) + " ]\r\n}\n ",
        "a byte order mark" => "\uFEFF" + Message(Logs(1, 2)),
        "in an array" => $"[{Message(Logs(1, 2))}]",
        "two in an array" => $"[{Message(Logs(1))},{Message(Logs(2))}]",
        "an empty array" => "[]",
        "a text" => "\"result\"",
        "nothing" => "",
        "a page" => "<html>soon</html>",
        "a page about a limit" => "<html>429 Too Many Requests</html>",
        "cut off in a log" => Message(Logs(1, 2, 3))[..^200],
        "cut off at the end" => Message(Logs(1, 2, 3))[..^1],
        "more after the end" => Message(Logs(1)) + "{}",
        "neither" => "{\"id\":1}",
        "a number" => Message("7"),
        "an object" => Message("{\"logs\":[]}"),
        "an error" => "{\"error\":{\"code\":-32005,\"message\":\"query returned more than 10000 results\"}}",
        "an error after the logs" => "{\"result\":" + Logs(1) + ",\"error\":{\"code\":-32000,\"message\":\"no\"}}",
        "no error before the logs" => "{\"error\":null,\"result\":" + Logs(1, 2) + "}",
        "an error in words" => "{\"error\":\"block range too large\"}",
        "an error that is a number" => "{\"error\":7}",
        "an error that is not Unicode" => "{\"error\":{\"code\":-32000,\"message\":\"\\ud800\",\"data\":\"\\ud800\"}}",
        "a log that is not Unicode" => Message($"[{Log(1)},{Log(2).Replace("0x5", "\\ud800", StringComparison.Ordinal)}]"),
        "two results" => "{\"result\":" + Logs(1, 2) + ",\"result\":" + Logs(3) + "}",
        "an unreadable log" => Message($"[{Log(1)},{{\"topics\":[]}},{Log(2)}]"),
        "an unreadable log of another contract" => Message($"[{Log(1)},{Bounds},{Log(2)}]"),
        "a limit after an unreadable log" => "{\"result\":[{}],\"error\":{\"code\":-32000,\"message\":\"no\"}}",
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    });

    private static string Message(string result) => $"{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{result}}}";

    private static string Logs(params int[] indexes) => $"[{string.Join(',', indexes.Select(index => Log(index)))}]";

    private static string Log(int index, int bytes = 2) => new JsonObject
    {
        ["address"] = ChainAddresses.GroupMessageBroadcaster.ToString(),
        ["topics"] = new JsonArray("0x" + new string('e', 64)),
        ["data"] = "0x" + new string('a', 2 * bytes),
        ["blockNumber"] = "0x5",
        ["blockHash"] = "0x" + new string('b', 64),
        ["transactionHash"] = "0x" + new string('c', 64),
        ["logIndex"] = $"0x{index:x}",
        ["removed"] = false,
    }.ToJsonString();
}
