using System.Text.Json.Nodes;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

/// <summary>Logs as providers write them, and what a query does with one that cannot be read.</summary>
public class LogShapeTests
{
    private static readonly Bytes32 Event = Bytes32.Parse("0x" + new string('e', 64));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static LogFilter Filter { get; } = new() { Addresses = [ChainAddresses.GroupMessageBroadcaster], Topics = [[Event]] };

    [Theory]
    [InlineData("""{"address":"0x00000000000000000000000000000000000000cc"}""")]
    [InlineData("""{"topics":["0x1111111111111111111111111111111111111111111111111111111111111111"],"data":"0xf"}""")]
    [InlineData("""{"topics":[],"data":"none"}""")]
    [InlineData("""{"address":"0x00000000000000000000000000000000000000cc","topics":"none","data":7}""")]
    public async Task An_unreadable_log_that_cannot_match_is_ignored(string log)
    {
        var logs = (await AskAsync(new JsonArray(JsonNode.Parse(log), Log()))).OrThrow();

        Assert.Equal(Event, Assert.Single(logs).Topics[0]);
    }

    [Theory]
    [InlineData("data", "\"0xf\"")]
    [InlineData("data", "7")]
    [InlineData("blockNumber", "null")]
    [InlineData("blockHash", "\"0x12\"")]
    [InlineData("transactionHash", "{}")]
    [InlineData("logIndex", "\"-1\"")]
    [InlineData("address", "\"0x12\"")]
    [InlineData("topics", "7")]
    public async Task An_unreadable_log_that_may_match_is_an_error_that_names_the_member(string member, string value)
    {
        var log = Log();
        log[member] = JsonNode.Parse(value);

        var error = (await AskAsync(new JsonArray(Log(), log))).Error!;

        Assert.Equal(RpcErrorKind.Malformed, error.Kind);
        Assert.StartsWith($"{member}: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("\"true\"", true)]
    [InlineData("1", true)]
    [InlineData("\"0x1\"", true)]
    [InlineData("\"1\"", true)]
    [InlineData("false", false)]
    [InlineData("\"false\"", false)]
    [InlineData("0", false)]
    [InlineData("\"0x0\"", false)]
    [InlineData("null", false)]
    public async Task A_removed_log_is_known_in_any_form(string value, bool isRemoved)
    {
        var log = Log();
        log["removed"] = JsonNode.Parse(value);

        Assert.Equal(isRemoved, Assert.Single((await AskAsync(new JsonArray(log))).OrThrow()).Removed);
    }

    [Theory]
    [InlineData("1700000000", 1_700_000_000UL)]
    [InlineData("\"1700000000\"", 1_700_000_000UL)]
    [InlineData("\"0x6553f100\"", 1_700_000_000UL)]
    [InlineData("1700000000000", null)]
    [InlineData("\"0xffffffffffffffffff\"", null)]
    [InlineData("\"0x\"", null)]
    [InlineData("\"soon\"", null)]
    public async Task A_time_is_read_when_it_can_be_seconds(string value, ulong? seconds)
    {
        var log = Log();
        log["blockTimestamp"] = JsonNode.Parse(value);

        Assert.Equal(seconds, Assert.Single((await AskAsync(new JsonArray(log))).OrThrow()).BlockTimestamp);
    }

    private static JsonObject Log() => new()
    {
        ["address"] = ChainAddresses.GroupMessageBroadcaster.ToString(),
        ["topics"] = new JsonArray(Event.ToString()),
        ["data"] = "0x",
        ["blockNumber"] = "0x10",
        ["blockHash"] = "0X" + new string('b', 64),
        ["transactionHash"] = "0x" + new string('c', 64),
        ["logIndex"] = "0x",
    };

    private static async Task<RpcResult<IReadOnlyList<LogEntry>>> AskAsync(JsonArray logs)
    {
        await using var server = await ScriptedRpcServer.AnsweringAsync("result", logs.ToJsonString());
        using var transport = new HttpRpcTransport(server.HttpUrl);
        return await new EthereumRpc(transport).GetLogsAsync(Filter, Cancel);
    }
}
