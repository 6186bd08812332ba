using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// Whatever an endpoint answers is a value or an <see cref="RpcError"/>. Numbers and data are those that System.Text.Json finds in
/// the answer, and a list that is read while it arrives is the list of the whole answer. The first three bytes of an input choose
/// the method, the HTTP status and the size of the parts.
/// </summary>
public sealed class RpcAnswerTarget : IFuzzTarget
{
    private const int Prefix = 3;

    private static readonly int[] Statuses = [200, 200, 200, 429, 400, 403, 500, 503];
    private static readonly LogFilter Filter = new() { Addresses = [new EthereumAddress(Bytes.Counted(20))] };

    private readonly Func<EthereumRpc, byte[], Task<RpcError?>>[] _methods;
    private int _endpoint;

    public RpcAnswerTarget() => _methods =
    [
        async (rpc, body) => Number(await rpc.GetChainIdAsync(default), body, id => id),
        async (rpc, body) => Number(await rpc.GetBalanceAsync(default, default, default), body, wei => (BigInteger)wei.Amount),
        async (rpc, body) => Data(await rpc.CallAsync(new CallRequest(null, default), default, default), body),
        async (rpc, _) => (await rpc.GetBlockAsync(BlockTag.Latest, default)).Error,
        async (rpc, _) => (await rpc.GetBlockTransactionsAsync(default, default)).Error,
        async (rpc, _) => (await rpc.SendRawTransactionAsync(default, default)).Error,
        async (rpc, _) => (await rpc.GetReceiptAsync(default, default)).Error,
        async (rpc, _) => (await rpc.GetTransactionAsync(default, default)).Error,
        async (rpc, _) => (await rpc.EstimateGasAsync(new CallRequest(null, default), default)).Error,
        Logs,
    ];

    public string Name => "rpc-answer";

    public string Summary => "the HTTP response of a JSON-RPC endpoint, compared with System.Text.Json";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("number", Seed(0, 0, """{"jsonrpc":"2.0","id":1,"result":"0x2105"}""")),
        ("number-in-an-array", Seed(0, 0, """[{"id":1,"result":8453}]""")),
        ("number-of-a-float", Seed(0, 0, """{"result":8.453e3}""")),
        ("balance", Seed(1, 0, """{"result":"0x00de0b6b3a7640000"}""")),
        ("data", Seed(2, 0, """{"result":"0x00ff"}""")),
        ("reverted", Seed(2, 0, """{"error":{"code":3,"message":"execution reverted","data":"0x9e87fac8"}}""")),
        ("reverted-nested", Seed(
            2, 0, """{"error":{"code":-32015,"message":"VM execution error","data":{"data":"Reverted 0x9e87fac8"}}}""")),
        ("block", Seed(3, 0, Block(""))),
        ("block-transactions", Seed(4, 0, Block($",\"transactions\":[{Transaction},{{\"type\":\"0x6a\"}}]"))),
        ("hash", Seed(5, 0, $"{{\"result\":\"{Hash}\"}}")),
        ("nonce-too-low", Seed(5, 0, """{"error":{"code":-32000,"message":"invalid nonce; got 4, expected 5"}}""")),
        ("receipt", Seed(6, 0, $"{{\"result\":{{\"transactionHash\":\"{Hash}\",\"blockNumber\":\"0x5\",\"blockHash\":\"{Hash}\"," +
            $"\"status\":\"0x1\",\"gasUsed\":\"0x5208\",\"logs\":[{Log}]}}}}")),
        ("transaction", Seed(7, 0, $"{{\"result\":{Transaction}}}")),
        ("gas", Seed(8, 0, """{"id":"1","result":"0x5208","error":null}""")),
        ("logs", Seed(9, 0, $"{{\"result\":[{Log},{Log}]}}")),
        ("logs-unreadable", Seed(9, 0, $"{{\"result\":[{Log},{{\"address\":\"0x00000000000000000000000000000000000000cc\"}}]}}")),
        ("logs-null", Seed(9, 0, """{"result":null}""")),
        ("logs-range", Seed(9, 4, """{"error":{"code":-32005,"message":"query returned more than 10000 results"}}""")),
        ("limit", Seed(0, 3, """{"error":{"code":429,"message":"too many requests"}}""")),
        ("limit-page", Seed(9, 0, "<html>error code: 1015</html>")),
        ("byte-order-mark", [9, 0, 0, 0xEF, 0xBB, 0xBF, .. Bytes.Utf8("""{"result":[]}""")]),
    ];

    public IEnumerable<string> Words =>
    [
        "\"result\":", "\"error\":", "\"code\":", "\"message\":", "\"data\":", "null", "[]", "{}", "true", "\"0x\"", "\"0x1\"", "1e3",
        "\"blockNumber\":", "\"blockHash\":", "\"transactionHash\":", "\"logIndex\":", "\"topics\":", "\"address\":", "\"removed\":",
        "\"status\":", "\"logs\":", "\"hash\":", "\"parentHash\":", "\"timestamp\":", "\"baseFeePerGas\":", "\"logsBloom\":", "\"nonce\":",
        "\"from\":", "\"to\":", "\"input\":", "rate limit", "nonce too low", "execution reverted",
    ];

    private static string Hash => "0x" + new string('7', 64);

    private static string Transaction =>
        $"{{\"hash\":\"{Hash}\",\"from\":\"0x{new string('a', 40)}\"," +
        $"\"to\":null,\"nonce\":\"0x5\",\"blockNumber\":null,\"input\":\"0x00\"}}";

    private static string Log =>
        $"{{\"address\":\"0x{Convert.ToHexStringLower(Bytes.Counted(20))}\",\"topics\":[\"{Hash}\"]," +
        $"\"data\":\"0x00\",\"blockNumber\":\"0x5\",\"blockHash\":\"{Hash}\",\"transactionHash\":\"{Hash}\",\"logIndex\":\"0x0\"," +
        $"\"removed\":false,\"blockTimestamp\":\"0x6553f100\"}}";

    public void Run(byte[] input)
    {
        var status = Statuses[Bytes.Choice(input, 1, Statuses.Length)];
        var body = Bytes.After(input, Prefix);
        var method = _methods[Bytes.Choice(input, 0, _methods.Length)];
        Ask(status, body, 1 + Bytes.Choice(input, 2, 256), transport => method(new EthereumRpc(transport), status == 200 ? body : []));
    }

    // A limit pauses the requests to its endpoint, so the next ones go to another.
    private RpcError? Ask(int status, byte[] body, int partSize, Func<IRpcTransport, Task<RpcError?>> call)
    {
        using var client = new HttpClient(new CannedEndpoint(status, body, partSize)) { Timeout = Timeout.InfiniteTimeSpan };
        using var transport = new HttpRpcTransport(new Uri($"http://endpoint-{_endpoint}.example/"), client);
        var error = call(transport).GetAwaiter().GetResult();
        if (error is null) return null;
        Expect.That(error.ToString().Length < 1000, "the error is no short text");
        Expect.That(!error.IsMethodRefused || error.Kind != RpcErrorKind.RateLimited, "a limit refuses no method");
        if (error.RetryAfter is not null || error.Kind == RpcErrorKind.RateLimited) _endpoint++;
        return error;
    }

    private static RpcError? Number<T>(RpcResult<T> answer, byte[] body, Func<T, BigInteger> value)
    {
        if (!answer.TryGet(out var number, out var error)) return error;
        if (ResultOf(body) is not { } result) return null;
        var text = result.ValueKind == JsonValueKind.String ? result.GetString()! : result.GetRawText();
        var expected = result.ValueKind == JsonValueKind.String
            ? BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : BigInteger.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        Expect.Same(expected, value(number), "the number");
        return null;
    }

    private static RpcError? Data(RpcResult<ReadOnlyMemory<byte>> answer, byte[] body)
    {
        if (!answer.TryGet(out var data, out var error)) return error;
        if (ResultOf(body) is { } result) Expect.SameBytes(Convert.FromHexString(result.GetString()![2..]), data.Span, "the data");
        return null;
    }

    private async Task<RpcError?> Logs(EthereumRpc rpc, byte[] body)
    {
        var read = await rpc.GetLogsAsync(Filter, default);
        if (body.Length == 0) return read.Error;
        RpcResult<IReadOnlyList<LogEntry>> whole = default;
        if (read.Error is { RetryAfter: not null } or { Kind: RpcErrorKind.RateLimited }) _endpoint++;
        Ask(200, body, int.MaxValue, async transport =>
        {
            whole = await new EthereumRpc(new WholeAnswers(transport)).GetLogsAsync(Filter, default);
            return whole.Error;
        });
        Expect.Same((whole.Error?.Kind, whole.Error?.Code), (read.Error?.Kind, read.Error?.Code), "the error of a list");
        if (read.TryGet(out var logs, out _)) Expect.Same(Text(whole.Value!), Text(logs), "the logs");
        return read.Error;
    }

    private static string Text(IReadOnlyList<LogEntry> logs) => string.Join('\n', logs.Select(
        log => log with { Topics = [], Data = default } + string.Join(' ', log.Topics) + Convert.ToHexString(log.Data.Span)));

    // Null where the answer is not an object with its result as it stands.
    private static JsonElement? ResultOf(byte[] body) =>
        body is [(byte)'{', ..] && JsonElement.Parse(body).TryGetProperty("result", out var result) ? result : null;

    private static string Block(string more) =>
        $"{{\"result\":{{\"number\":\"0x5\",\"hash\":\"{Hash}\",\"parentHash\":\"{Hash}\",\"timestamp\":\"0x6553f100\"," +
        $"\"baseFeePerGas\":\"0x7\",\"logsBloom\":\"0x{new string('0', 512)}\"{more}}}}}";

    private static byte[] Seed(byte method, byte status, string body) => [method, status, 0xff, .. Bytes.Utf8(body)];
}
