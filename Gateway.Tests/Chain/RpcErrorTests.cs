using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

/// <summary>The words and codes are those of geth, Nethermind, Arbitrum, Anvil, and the large providers.</summary>
public class RpcErrorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-32000, "nonce too low: next nonce 5, tx nonce 4", RpcErrorKind.NonceTooLow)]
    [InlineData(-32000, "nonce too low: address 0x7099, tx: 0 state: 5", RpcErrorKind.NonceTooLow)]
    [InlineData(-32003, "nonce too low", RpcErrorKind.NonceTooLow)]
    [InlineData(-32010, "OldNonce, Current nonce: 5, nonce of rejected tx: 4", RpcErrorKind.NonceTooLow)]
    [InlineData(-32000, "nonce too high: address 0x7099, tx: 9 state: 5", RpcErrorKind.NonceTooHigh)]
    [InlineData(-32000, "replacement transaction underpriced", RpcErrorKind.Underpriced)]
    [InlineData(-32000, "transaction underpriced: gas tip cap 0, minimum needed 1", RpcErrorKind.Underpriced)]
    [InlineData(-32000, "max fee per gas less than block base fee: address 0x7099, maxFeePerGas: 1, baseFee: 7", RpcErrorKind.Underpriced)]
    [InlineData(-32010, "FeeTooLow, FeePerGas needs to be higher than 7 to be added to the TxPool", RpcErrorKind.Underpriced)]
    [InlineData(-32000, "already known", RpcErrorKind.AlreadyKnown)]
    [InlineData(-32003, "transaction already imported", RpcErrorKind.AlreadyKnown)]
    [InlineData(-32010, "AlreadyKnown", RpcErrorKind.AlreadyKnown)]
    [InlineData(-32000, "insufficient funds for gas * price + value: balance 0, tx cost 21000", RpcErrorKind.InsufficientFunds)]
    [InlineData(-32003, "Insufficient funds for gas * price + value", RpcErrorKind.InsufficientFunds)]
    [InlineData(3, "execution reverted", RpcErrorKind.Reverted)]
    [InlineData(-32015, "VM execution error.", RpcErrorKind.Reverted)]
    [InlineData(-32005, "query returned more than 10000 results", RpcErrorKind.RangeTooLarge)]
    [InlineData(
        -32602,
        "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range",
        RpcErrorKind.RangeTooLarge)]
    [InlineData(-32000, "exceed maximum block range: 5000", RpcErrorKind.RangeTooLarge)]
    [InlineData(-32614, "eth_getLogs is limited to a 10,000 range", RpcErrorKind.RangeTooLarge)]
    [InlineData(-32005, "daily request count exceeded, request rate limited", RpcErrorKind.RateLimited)]
    [InlineData(-32005, "limit", RpcErrorKind.RateLimited)]
    [InlineData(429, "Your app has exceeded its compute units per second capacity", RpcErrorKind.RateLimited)]
    [InlineData(-32007, "50/second request limit reached - reduce calls per second or upgrade your account", RpcErrorKind.RateLimited)]
    [InlineData(-32012, "credits limited to 500/sec", RpcErrorKind.RateLimited)]
    [InlineData(15, "Too many request, try again later", RpcErrorKind.RateLimited)]
    [InlineData(-32005, "project ID request rate exceeded", RpcErrorKind.RateLimited)]
    [InlineData(-32000, "You've exceeded the RPS limit available on the current plan.", RpcErrorKind.RateLimited)]
    [InlineData(-32601, "the method eth_subscribe does not exist/is not available", RpcErrorKind.MethodNotFound)]
    [InlineData(-32603, "internal error", RpcErrorKind.Other)]
    [InlineData(-32000, "monthly requests limit", RpcErrorKind.RateLimited)]
    [InlineData(-32000, "capacity limit exceeded", RpcErrorKind.RateLimited)]
    [InlineData(-32000, "Monthly credits limit exhausted", RpcErrorKind.RateLimited)]
    [InlineData(-32000, "usage limit of this month", RpcErrorKind.RateLimited)]
    [InlineData(-32000, "over the plan limit", RpcErrorKind.RateLimited)]
    [InlineData(-32000, "throughput exceeded", RpcErrorKind.RateLimited)]
    [InlineData(-32000, "could not replace existing tx", RpcErrorKind.Underpriced)]
    [InlineData(-32000, "gas price too low", RpcErrorKind.Underpriced)]
    [InlineData(-32010, "ReplacementNotAllowed", RpcErrorKind.Underpriced)]
    [InlineData(-32010, "a transaction with the same nonce already exists", RpcErrorKind.Underpriced)]
    [InlineData(-32000, "tx already exists in cache", RpcErrorKind.AlreadyKnown)]
    [InlineData(-32000, "tx already in mempool", RpcErrorKind.AlreadyKnown)]
    [InlineData(-32004, "Upfront cost exceeds account balance", RpcErrorKind.InsufficientFunds)]
    [InlineData(-32000, "insufficient balance for transfer", RpcErrorKind.InsufficientFunds)]
    [InlineData(-32000, "invalid nonce; got 4, expected 5: invalid sequence", RpcErrorKind.NonceTooLow)]
    [InlineData(-32000, "invalid nonce: address 0x7099, tx: 9 state: 5", RpcErrorKind.NonceTooHigh)]
    [InlineData(-32000, "invalid nonce", RpcErrorKind.Other)]
    [InlineData(-32000, "invalid nonce; expected 5", RpcErrorKind.Other)]
    public async Task An_error_is_known_by_its_code_and_words(int code, string message, RpcErrorKind kind)
    {
        await using var server = await ScriptedRpcServer.AnsweringAsync("error", $$"""{"code":{{code}},"message":"{{message}}"}""");

        var error = await ErrorAsync(server);

        Assert.Equal((kind, code, message), (error.Kind, error.Code, error.Message));
    }

    [Theory]
    [InlineData(200, -32601, "no", true)]
    [InlineData(200, -32004, "no", true)]
    [InlineData(200, -32000, "eth_sendRawTransaction is not available on the free plan", true)]
    [InlineData(200, -32600, "Method not allowed", true)]
    [InlineData(401, -32000, "words that nobody has heard yet", true)]
    [InlineData(403, -32000, "words that nobody has heard yet", true)]
    [InlineData(400, -32602, "missing value for required argument 0", false)]
    [InlineData(200, -32000, "transaction type not supported", false)]
    [InlineData(200, -32000, "rlp: value size exceeds available input length", false)]
    [InlineData(200, -32000, "typed transaction too short", false)]
    [InlineData(200, -32007, "limit reached - upgrade your account", false)]
    [InlineData(200, 3, "execution reverted: not allowed", false)]
    public async Task A_method_that_is_not_served_to_the_caller_is_known_by_status_code_and_words(
        int status, int code, string message, bool isRefused)
    {
        await using var server = await ScriptedRpcServer.AnsweringAsync(
            "error", $$"""{"code":{{code}},"message":"{{message}}"}""", status);

        Assert.Equal(isRefused, (await ErrorAsync(server)).IsMethodRefused);
    }

    [Theory]
    [InlineData("eth_getLogs", -32005, "limit exceeded", RpcErrorKind.RangeTooLarge)]
    [InlineData("eth_getLogs", -32005, "", RpcErrorKind.RangeTooLarge)]
    [InlineData("eth_getLogs", -32005, "query timeout exceeded", RpcErrorKind.RangeTooLarge)]
    [InlineData("eth_getLogs", -32000, "logs matched by query exceeds limit of 10000", RpcErrorKind.RangeTooLarge)]
    [InlineData("eth_getLogs", -32000, "the answer is bigger than 10 MB", RpcErrorKind.RangeTooLarge)]
    [InlineData("eth_getLogs", 35, "ranges over 10000 blocks are not supported on freetier", RpcErrorKind.RangeTooLarge)]
    [InlineData("eth_getLogs", -32602, "the span is too wide", RpcErrorKind.RangeTooLarge)]
    [InlineData("eth_getLogs", -32005, "rate limit exceeded", RpcErrorKind.RateLimited)]
    [InlineData("eth_getLogs", -32005, "daily request limit exceeded", RpcErrorKind.RateLimited)]
    [InlineData("eth_getLogs", -32007, "", RpcErrorKind.RateLimited)]
    [InlineData("eth_getLogs", 429, "limit exceeded", RpcErrorKind.RateLimited)]
    [InlineData("eth_subscribe", -32005, "too many subscriptions", RpcErrorKind.Other)]
    [InlineData("eth_subscribe", -32005, "rate limit exceeded", RpcErrorKind.RateLimited)]
    [InlineData("eth_call", -32005, "limit exceeded", RpcErrorKind.RateLimited)]
    [InlineData("eth_call", -32000, "it already exists", RpcErrorKind.Other)]
    public void What_a_limit_means_depends_on_the_method(string method, int code, string message, RpcErrorKind kind) =>
        Assert.Equal(kind, RpcErrorClassifier.Classify(method, code, null, message));

    [Theory]
    [InlineData("\"0x9e87fac8\"")]
    [InlineData("\"Reverted 0x9e87fac8\"")]
    [InlineData("""{"data":"0x9e87fac8"}""")]
    [InlineData("""{"result":"0x9e87fac8","message":"revert"}""")]
    public async Task The_data_of_a_refusal_takes_precedence_over_code_and_text(string data)
    {
        await using var server = await ScriptedRpcServer.AnsweringAsync(
            "error", $$"""{"code":-32000,"message":"nonce too low","data":{{data}}}""");

        var error = await ErrorAsync(server);

        Assert.Equal(RpcErrorKind.Reverted, error.Kind);
        Assert.Equal("the contract is paused", RevertReason.Of(error.Data));
    }

    [Theory]
    [InlineData("0x", "the contract refused without a reason")]
    [InlineData(
        "0x08c379a000000000000000000000000000000000000000000000000000000000000000200000000000000000000000000000000000000000000000000000" +
            "00000000000568656c6c6f000000000000000000000000000000000000000000000000000000",
        "hello")]
    [InlineData("0x4e487b710000000000000000000000000000000000000000000000000000000000000011", "the contract panicked (0x11)")]
    [InlineData("0xdeadbeef", "the contract refused with 0xdeadbeef")]
    [InlineData("0x08c379a0ff", "the contract refused with 0x08c379a0")]
    public void A_refusal_has_an_explanation(string data, string words)
    {
        Assert.True(HexData.TryParse(data, out var bytes));
        Assert.Equal(words, RevertReason.Of(bytes));
    }

    [Fact]
    public async Task A_long_message_is_shortened()
    {
        await using var server = await ScriptedRpcServer.AnsweringAsync(
            "error", $$"""{"code":-1,"message":"{{new string('x', 100_000)}}"}""");

        Assert.InRange((await ErrorAsync(server)).Message.Length, 1, 400);
    }

    private static async Task<RpcError> ErrorAsync(ScriptedRpcServer server)
    {
        using var transport = new HttpRpcTransport(server.HttpUrl);
        return (await new EthereumRpc(transport).SendRawTransactionAsync(new byte[] { 1 }, Cancel)).Error!;
    }
}
