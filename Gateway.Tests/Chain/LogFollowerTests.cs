using System.Globalization;
using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

/// <summary>
/// Following a real chain through everything that endpoints do. What a follower has seen must be what the chain has, in
/// its order.
/// </summary>
public sealed class LogFollowerTests : IAsyncLifetime
{
    private static readonly LogFilter Messages = new()
    {
        Addresses = [ChainAddresses.GroupMessageBroadcaster],
        Topics = [[GroupMessageBroadcasterContract.MessageSentTopic]],
    };
    private static readonly LogFollowerOptions Quick = new()
    {
        CheckInterval = TimeSpan.FromMilliseconds(200),
        PollInterval = TimeSpan.FromMilliseconds(50),
        FirstBackoff = TimeSpan.FromMilliseconds(20),
    };
    private static readonly LogFollowerOptions SecondReadingAfterAnHour = Quick with { SecondReadingInterval = TimeSpan.FromHours(1) };
    private static readonly LogFollowerOptions Often = Quick with { CheckInterval = TimeSpan.FromMilliseconds(20) };
    private static readonly WebSocketOptions ShortTimeouts = new()
    {
        FirstBackoff = TimeSpan.FromMilliseconds(10),
        MaxBackoff = TimeSpan.FromMilliseconds(50),
    };

    private readonly DevChainFixture _fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Five_thousand_old_events_and_live_ones_beside_them_come_once_and_in_order()
    {
        await PublishManyAsync(5_000);
        await using var seen = Follow(Quick with { PageSize = 20, Depth = 16 });

        var live = PublishManyAsync(300, start: 5_000);
        await seen.HasAsync(5_300);
        await live;

        Assert.Equal(Numbers(5_300), seen.Sequence);
        Assert.Equal(0, seen.Status.Rollbacks);
    }

    [Fact]
    public async Task A_head_that_does_not_come_in_time_is_trouble_until_one_comes()
    {
        await using var proxy = new TcpFaultProxy(_fixture.Anvil.HttpUrl.Port);
        await using var seen = Follow(
            Quick with { HeadTimeout = TimeSpan.FromMilliseconds(500) }, rpc: proxy.Through(_fixture.Anvil.HttpUrl));
        await Eventually.IsAsync(() => seen.Status.HeadTime > 0, "the head is known");

        proxy.Mode = ProxyMode.BlackHole;
        await Eventually.IsAsync(() => seen.Status.Trouble is not null, "no head comes");
        Assert.True(seen.Status.TroubleSince > seen.Status.LastAnswer);
        proxy.Mode = ProxyMode.Pass;

        await Eventually.IsAsync(() => seen.Status.Trouble is null, "a head came");
    }

    [Fact]
    public async Task A_WebSocket_that_is_cut_twenty_times_loses_no_event()
    {
        await using var proxy = new TcpFaultProxy(_fixture.Anvil.HttpUrl.Port);
        await using var seen = Follow(Quick, socket: proxy.Through(_fixture.Anvil.WebSocketUrl));
        for (var i = 0; i < 20; i++)
        {
            await PublishManyAsync(5, i * 10);
            proxy.CutAll();
            await PublishManyAsync(5, (i * 10) + 5);
        }

        await seen.HasAsync(200);
        Assert.Equal(Numbers(200), seen.Sequence);
        await Eventually.IsAsync(() => seen.Status.IsLive, "the subscription is in force again");
        Assert.True(proxy.Accepted > 5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Removed_blocks_are_undone_and_read_again(bool withSocket)
    {
        await using var seen = withSocket ? Follow(Quick) : Follow(Quick, null, polls: true);
        await PublishManyAsync(10);
        await seen.HasAsync(10);

        await _fixture.Chain.ReorganizeAsync(4, Cancel);
        await seen.HasAsync(6);
        await PublishManyAsync(3, start: 20);
        await seen.HasAsync(9);

        Assert.Equal(Numbers(9), seen.Sequence);
        Assert.Equal(await ChainAsync(), seen.Keys);
        Assert.True(seen.Status.Rollbacks > 0);
    }

    [Fact]
    public async Task A_reorganization_during_downtime_is_detected_by_the_stored_hashes()
    {
        FollowPosition position;
        List<LogEntry> before;
        await using (var first = Follow(Quick))
        {
            await PublishManyAsync(8);
            await first.HasAsync(8);
            (position, before) = (first.Position, first.Logs);
        }

        await _fixture.Chain.ReorganizeAsync(3, Cancel);
        await PublishManyAsync(4, start: 30);
        await using var second = Follow(Quick, from: position, already: before);
        await second.HasAsync(9);

        await Eventually.IsAsync(async () => (await ChainAsync()).SequenceEqual(second.Keys), "it has what the chain has");
    }

    [Fact]
    public async Task An_endpoint_that_refuses_ranges_gets_smaller_pages_and_all_is_read()
    {
        await PublishManyAsync(400);
        // However many of them are in one block.
        await _fixture.Chain.MineAsync(40, Cancel);
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Fault = (method, parameters, forward) => method == "eth_getLogs" && Span(parameters) > 37
            ? RpcProxy.Error(-32602, "in words that nobody has heard before: 37 is enough")
            : RpcProxy.Pass(forward);

        await using var seen = Follow(Quick with { PageSize = 10_000 }, rpc: proxy.Url);
        await seen.HasAsync(400);

        Assert.Equal(Numbers(400), seen.Sequence);
        Assert.True(seen.Status.RefusedRanges > 0);
        Assert.InRange(seen.Status.PageSize, 1, 74);
    }

    [Theory]
    [MemberData(nameof(WideRanges))]
    public async Task An_endpoint_that_fails_wide_ranges_in_its_own_way_gets_smaller_pages_and_all_is_read(string way)
    {
        await PublishManyAsync(60);
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.ReplyTo = (method, parameters) => method == "eth_getLogs" && Span(parameters) > 7 ? RpcFaultModes.WideRanges[way] : null;

        await using var seen = Follow(Quick with { PageSize = 10_000 }, rpc: proxy.Url, polls: true);
        await seen.HasAsync(60);

        Assert.Equal(Numbers(60), seen.Sequence);
        Assert.True(seen.Status.RefusedRanges > 0);
        Assert.InRange(seen.Status.PageSize, 1, 14);
    }

    /// <summary>Names of <see cref="RpcFaultModes.WideRanges"/>.</summary>
    public static TheoryData<string> WideRanges { get; } = new(RpcFaultModes.WideRanges.Keys);

    [Fact]
    public async Task An_endpoint_whose_logs_lag_behind_its_subscription_is_waited_for()
    {
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        var lagging = 0;
        proxy.Fault = (method, _, forward) => method == "eth_getLogs" && Interlocked.Increment(ref lagging) % 3 != 0
            ? RpcProxy.Result("[]").ContinueWith(_ => (string?)"""{"jsonrpc":"2.0","id":0,"result":[]}""", TaskScheduler.Default)
            : RpcProxy.Pass(forward);
        await using var seen = Follow(Quick, rpc: proxy.Url);
        await Eventually.IsAsync(() => seen.Status.IsLive, "the subscription is in force");

        await PublishManyAsync(60);
        await seen.HasAsync(60);

        Assert.Equal(Numbers(60), seen.Sequence);
    }

    [Fact]
    public async Task An_endpoint_whose_head_jumps_back_is_waited_for_and_nothing_is_undone()
    {
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        var (asked, old) = (0, "");
        proxy.Fault = async (method, parameters, forward) =>
        {
            var answer = await forward();
            if (method != "eth_getBlockByNumber" || parameters[0].GetString() != "latest") return answer;
            if (Interlocked.Increment(ref asked) % 5 == 1) old = answer;
            return asked % 2 == 0 ? old : answer;
        };
        await using var seen = Follow(Quick, rpc: proxy.Url);

        await PublishManyAsync(60);
        await seen.HasAsync(60);

        Assert.Equal(Numbers(60), seen.Sequence);
        Assert.Equal(0, seen.Status.Rollbacks);
    }

    [Fact]
    public async Task A_silent_subscription_loses_no_event_and_is_renewed()
    {
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((method, id) => [$$"""{"id":{{id}},"result":"0x5"}"""]);
        await using var seen = Follow(Quick with { SilentAfter = TimeSpan.FromMilliseconds(300) }, socket: server.WebSocketUrl);
        await Eventually.IsAsync(() => seen.Status.IsLive, "the subscription is in force");

        var published = 20;
        await PublishManyAsync(published);
        await seen.HasAsync(published);

        await Eventually.IsAsync(
            async () =>
            {
                await PublishManyAsync(1, start: published++);
                return seen.Status.SilentSubscriptions > 1;
            },
            "it was given up, and the next one too");
        await seen.HasAsync(published);
        Assert.Equal(Numbers(published), seen.Sequence);
    }

    [Fact]
    public async Task A_chain_that_makes_no_block_is_no_reason_to_renew_its_subscriptions()
    {
        await PublishManyAsync(3);
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        var (heads, logs) = (0, 0);
        proxy.Rewrite = told =>
        {
            if (IsHead(told)) Interlocked.Increment(ref heads);
            else if (told.Contains("eth_subscription", StringComparison.Ordinal)) Interlocked.Increment(ref logs);
            return told;
        };
        var clock = new MovedClock();
        await using var seen = Follow(Often, rpc: proxy.Url, socket: proxy.WebSocketUrl, clock: clock);
        await seen.HasAsync(3);
        await Eventually.IsAsync(() => seen.Status.IsLive, "the subscription is in force");

        await RoundsAsync(proxy, 10);
        clock.Move(TimeSpan.FromHours(1));
        await RoundsAsync(proxy, 10);
        Assert.Equal((0, 1), (seen.Status.SilentSubscriptions, proxy.Sockets));

        await PublishManyAsync(1, start: 3);
        await seen.HasAsync(4);
        await Eventually.IsAsync(() => Volatile.Read(ref heads) > 0 && Volatile.Read(ref logs) > 0, "block and event were told");
        // By then it has read them.
        await RoundsAsync(proxy, 40);
        clock.Move(TimeSpan.FromHours(1));
        await RoundsAsync(proxy, 10);
        Assert.Equal((0, 1), (seen.Status.SilentSubscriptions, proxy.Sockets));
    }

    [Fact]
    public async Task Subscriptions_that_deliver_no_head_are_renewed_with_exponential_backoff_while_the_chain_advances()
    {
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Rewrite = told => IsHead(told) ? "" : told;
        var clock = new MovedClock();
        await using var seen = Follow(
            Often with { SilentAfter = TimeSpan.FromSeconds(20) }, rpc: proxy.Url, socket: proxy.WebSocketUrl, clock: clock);

        var renewed = new List<long>();
        for (var number = 1; number <= 3; number++)
        {
            // The clock stands while a subscription begins, and until the follower has looked.
            await Eventually.IsAsync(
                async () =>
                {
                    if (seen.Status.SilentSubscriptions == number) return true;
                    if (!seen.Status.IsLive) return false;
                    await _fixture.Chain.MineAsync(1, Cancel);
                    await RoundsAsync(proxy, 2);
                    clock.Move(TimeSpan.FromSeconds(2));
                    return false;
                },
                $"it was renewed {number} times");
            renewed.Add(clock.GetTimestamp());
        }

        // 80 s after the second one, and what the machine took.
        Assert.InRange(clock.GetElapsedTime(renewed[1], renewed[2]), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(140));
        // The last block may have been made after the last subscription began.
        await RoundsAsync(proxy, 10);
        clock.Move(TimeSpan.FromHours(1));
        await RoundsAsync(proxy, 10);
        await Eventually.IsAsync(() => seen.Status.IsLive, "the subscription is in force");
        await RoundsAsync(proxy, 10);
        var before = seen.Status.SilentSubscriptions;
        clock.Move(TimeSpan.FromHours(1));
        await RoundsAsync(proxy, 10);
        Assert.Equal(before, seen.Status.SilentSubscriptions);
    }

    [Fact]
    public async Task Without_log_times_they_are_read_from_blocks_where_those_are_served()
    {
        var receipts = await PublishManyAsync(3);
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Fault = async (method, parameters, forward) =>
            method == "eth_getLogs" ? (await forward()).Replace("\"blockTimestamp\"", "\"other\"", StringComparison.Ordinal)
            : method == "eth_getBlockByHash" && parameters[0].GetString() == receipts[1].BlockHash.ToString()
            ? """{"jsonrpc":"2.0","id":0,"result":null}"""
            : await forward();
        await using var seen = Follow(Quick, rpc: proxy.Url);

        await seen.HasAsync(3);

        Assert.Equal([true, false, true], seen.Logs.Select(log => log.BlockTimestamp is not null));
    }

    [Fact]
    public async Task A_lagging_endpoint_that_returns_empty_ranges_loses_no_event_without_a_subscription()
    {
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Fault = (method, parameters, forward) => method == "eth_getLogs" && parameters[0].TryGetProperty("toBlock", out _)
            ? NoLogs()
            : RpcProxy.Pass(forward);
        await using var seen = Follow(Quick, rpc: proxy.Url, polls: true);

        await PublishManyAsync(10);
        await seen.HasAsync(10);

        Assert.Equal(Numbers(10), seen.Sequence);
    }

    [Fact]
    public async Task A_lagging_endpoint_that_truncates_a_range_loses_no_event()
    {
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Fault = async (method, parameters, forward) =>
            method == "eth_getLogs" && parameters[0].TryGetProperty("toBlock", out var last)
                ? Truncated(await forward(), Number(last) - Math.Min(3, Number(last)))
                : await forward();
        await using var seen = Follow(Quick, rpc: proxy.Url, polls: true);

        for (var i = 0; i < 5; i++)
        {
            await PublishManyAsync(6, i * 6);
            await seen.HasAsync((i + 1) * 6);
        }

        Assert.Equal(Numbers(30), seen.Sequence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_that_answers_every_query_of_logs_with_nothing_for_a_while_is_not_believed(bool withDeadSubscription)
    {
        await using var deaf = await ScriptedRpcServer.OverWebSocketAsync((_, id) => [$$"""{"id":{{id}},"result":"0x5"}"""]);
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        await PublishManyAsync(1);
        await using var seen = Follow(Quick, rpc: proxy.Url, socket: deaf.WebSocketUrl, polls: !withDeadSubscription);
        await seen.HasAsync(1);
        var lies = 0;
        proxy.Fault = (method, _, forward) => method == "eth_getLogs" && Interlocked.Increment(ref lies) <= 4
            ? NoLogs()
            : RpcProxy.Pass(forward);

        await PublishManyAsync(5, start: 1);
        await seen.HasAsync(6);

        Assert.Equal(Numbers(6), seen.Sequence);
        Assert.Equal(0, seen.Status.Rollbacks);
    }

    [Fact]
    public async Task A_log_without_a_notification_is_found_by_the_second_reading()
    {
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Rewrite = RpcFaultModes.Without("logsBloom");
        var hides = true;
        proxy.Fault = (method, _, forward) => method == "eth_getLogs" && hides ? NoLogs() : RpcProxy.Pass(forward);
        var clock = new MovedClock();
        await using var seen = Follow(SecondReadingAfterAnHour, rpc: proxy.Url, polls: true, clock: clock);

        await PublishManyAsync(4);
        await Eventually.IsAsync(() => seen.Status.Next > 4, "the blocks were read, and nothing in them");
        hides = false;
        clock.Move(SecondReadingAfterAnHour.SecondReadingInterval);
        await seen.HasAsync(4);

        Assert.Equal(Numbers(4), seen.Sequence);
        Assert.Equal(await ChainAsync(), seen.Keys);
    }

    [Fact]
    public async Task The_second_reading_is_made_also_where_the_provider_serves_few_blocks_a_query()
    {
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Rewrite = RpcFaultModes.Without("logsBloom");
        var hides = true;
        proxy.Fault = (method, parameters, forward) => method != "eth_getLogs" ? RpcProxy.Pass(forward)
            : Span(parameters) > 10 ? RpcProxy.Error(-32600, "Under the Free tier plan, you can make requests with up to a 10 block range")
            : hides ? NoLogs() : RpcProxy.Pass(forward);
        await PublishManyAsync(40);
        var clock = new MovedClock();
        await using var seen = Follow(SecondReadingAfterAnHour, rpc: proxy.Url, polls: true, clock: clock);

        await Eventually.IsAsync(() => seen.Status.Next > 40, "the blocks were read, and nothing in them");
        hides = false;
        clock.Move(SecondReadingAfterAnHour.SecondReadingInterval);
        await seen.HasAsync(40);

        Assert.Equal(Numbers(40), seen.Sequence);
        Assert.Equal(await ChainAsync(), seen.Keys);
    }

    [Theory]
    [InlineData("503")]
    [InlineData("a page")]
    public async Task An_outage_of_an_endpoint_is_not_a_refusal_of_queries_by_hash(string fault)
    {
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Rewrite = RpcFaultModes.Without("logsBloom");
        // Ranges lag, so that only queries by hash find the events.
        proxy.Fault = (method, parameters, forward) => method == "eth_getLogs" && parameters[0].TryGetProperty("toBlock", out _)
            ? NoLogs()
            : RpcProxy.Pass(forward);
        await using var seen = Follow(SecondReadingAfterAnHour, rpc: proxy.Url, polls: true);
        await Eventually.IsAsync(() => seen.Status.Next > 0, "it follows");
        var failures = 12;
        proxy.ReplyTo = (method, parameters) =>
            method == "eth_getLogs" && parameters[0].TryGetProperty("blockHash", out _) && Interlocked.Decrement(ref failures) >= 0
                ? fault == "503" ? RpcFaultModes.Unavailable : new RpcReply(200, "<html>soon</html>")
                : null;

        await PublishManyAsync(4);
        await seen.HasAsync(4);

        Assert.Equal(Numbers(4), seen.Sequence);
        Assert.True(failures < 0);
    }

    [Fact]
    public async Task An_endpoint_that_ignores_the_block_hash_of_a_query_gets_ranges()
    {
        await PublishManyAsync(3);
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        var all = Messages with { FromBlock = BlockTag.Earliest, ToBlock = BlockTag.Latest };
        proxy.Fault = async (method, parameters, forward) =>
            method == "eth_getLogs" && parameters[0].TryGetProperty("blockHash", out _)
                ? await RpcFaultModes.ResultAsync(_fixture.Rpc, "eth_getLogs", all)
                : await forward();
        await using var seen = Follow(Quick, rpc: proxy.Url, polls: true);
        await seen.HasAsync(3);

        await PublishManyAsync(6, start: 3);
        await seen.HasAsync(9);

        Assert.Equal(Numbers(9), seen.Sequence);
        Assert.Equal(await ChainAsync(), seen.Keys);
    }

    [Fact]
    public async Task Blooms_that_are_always_empty_hide_nothing()
    {
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Rewrite = answer => System.Text.RegularExpressions.Regex.Replace(
            answer, "\"logsBloom\":\"0x[0-9a-f]+\"", $"\"logsBloom\":\"0x{new string('0', 512)}\"");
        await using var seen = Follow(Quick, rpc: proxy.Url, polls: true);

        await PublishManyAsync(8);
        await seen.HasAsync(8);

        Assert.Equal(Numbers(8), seen.Sequence);
        Assert.Equal(0, seen.Status.Rollbacks);
    }

    [Theory]
    [MemberData(nameof(Writings))]
    public async Task Quantities_and_times_that_are_written_another_way_are_read(string writing)
    {
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Rewrite = Writing(writing);
        await using var seen = Follow(Quick, rpc: proxy.Url, socket: proxy.WebSocketUrl);
        await Eventually.IsAsync(() => seen.Status.IsLive, "the subscription is in force");

        await PublishManyAsync(10);
        await seen.HasAsync(10);

        Assert.Equal(Numbers(10), seen.Sequence);
        Assert.All(seen.Logs, log => Assert.InRange(log.BlockTimestamp ?? 0, 1_000_000_000UL, 10_000_000_000UL));
    }

    /// <summary>Names of what <see cref="Writing"/> does.</summary>
    public static TheoryData<string> Writings { get; } =
        new(
            "zeros",
            "numbers",
            "time of zero",
            "time as a number",
            "time in decimal text",
            "time in milliseconds",
            "no time",
            "time in words",
            "no optional member",
            "null for no logs",
            "0X for 0x",
            "a byte order mark",
            "an array of one",
            "an unreadable log of another contract");

    private static Func<string, string> Writing(string name) => name switch
    {
        "zeros" => RpcFaultModes.Quantities(RpcFaultModes.WithZeros),
        "numbers" => RpcFaultModes.Quantities(RpcFaultModes.AsNumber),
        "time of zero" => RpcFaultModes.LogTimes(_ => "0x0"),
        "time as a number" => RpcFaultModes.LogTimes(time => Convert.ToUInt64(time, 16)),
        "time in decimal text" => RpcFaultModes.LogTimes(time => Convert.ToUInt64(time, 16).ToString(CultureInfo.InvariantCulture)),
        "time in milliseconds" => RpcFaultModes.LogTimes(time => Convert.ToUInt64(time, 16) * 1000),
        "0X for 0x" => answer => answer.Replace("\"0x", "\"0X", StringComparison.Ordinal),
        "a byte order mark" => answer => "\uFEFF" + answer,
        "an array of one" => answer => $"[{answer}]",
        "an unreadable log of another contract" => RpcFaultModes.WithUnreadableLog,
        "no time" => RpcFaultModes.LogTimes(_ => null),
        "time in words" => RpcFaultModes.LogTimes(_ => "2026-11-25T12:00:00Z"),
        "null for no logs" => answer => answer.Replace("\"result\":[]", "\"result\":null", StringComparison.Ordinal),
        "no optional member" =>
            RpcFaultModes.Without(
                "blockTimestamp", "removed", "logsBloom", "baseFeePerGas", "gasUsed", "effectiveGasPrice", "transactionIndex"),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static bool IsHead(string told) =>
        told.Contains("eth_subscription", StringComparison.Ordinal) && told.Contains("\"parentHash\"", StringComparison.Ordinal);

    // The follower asks for the head once a round.
    private static async Task RoundsAsync(RpcProxy proxy, int count)
    {
        int Asked() => proxy.Asked.GetValueOrDefault("eth_getBlockByNumber");
        var before = Asked();
        await Eventually.IsAsync(() => Asked() >= before + count, $"{count} more rounds were made");
    }

    private static Task<string?> NoLogs() => Task.FromResult<string?>("""{"jsonrpc":"2.0","id":0,"result":[]}""");

    private static string Truncated(string answer, ulong last)
    {
        var root = System.Text.Json.Nodes.JsonNode.Parse(answer)!;
        var logs = root["result"]!.AsArray();
        foreach (var log in logs.Where(log => Convert.ToUInt64(log!["blockNumber"]!.GetValue<string>(), 16) > last).ToList())
            logs.Remove(log);
        return root.ToJsonString();
    }

    private static int Span(JsonElement parameters) =>
        parameters[0].TryGetProperty("toBlock", out var last)
            ? (int)(Number(last) - Number(parameters[0].GetProperty("fromBlock"))) + 1
            : 1;

    private static ulong Number(JsonElement quantity) => RpcValue.UInt64(quantity);

    private static IEnumerable<ulong> Numbers(int count) => Enumerable.Range(1, count).Select(number => (ulong)number);

    private Seen Follow(
        LogFollowerOptions options,
        Uri? socket = null,
        Uri? rpc = null,
        bool polls = false,
        FollowPosition? from = null,
        List<LogEntry>? already = null,
        TimeProvider? clock = null) =>
        new(
            rpc ?? _fixture.Anvil.HttpUrl,
            polls ? null : new WebSocketRpcTransport(socket ?? _fixture.Anvil.WebSocketUrl, ShortTimeouts),
            options,
            from ?? FollowPosition.From(0),
            already ?? [],
            clock);

    private async Task<IEnumerable<(Bytes32, ulong)>> ChainAsync() =>
        (await _fixture.Rpc.GetLogsAsync(Messages with { FromBlock = BlockTag.Earliest, ToBlock = BlockTag.Latest }, Cancel))
            .OrThrow()
            .Select(log => (log.BlockHash, log.LogIndex));

    // Up to a hundred in a block each, as the tests count blocks; more are sent 250 at a time and mined as they come,
    // and only the last receipt of each 250 is read.
    private async Task<IReadOnlyList<TransactionReceipt>> PublishManyAsync(int count, int start = 0)
    {
        var receipts = new List<TransactionReceipt>();
        foreach (var some in Enumerable.Range(start, count).Chunk(count > 100 ? 250 : 1))
        {
            Bytes32 last = default;
            foreach (var number in some)
            {
                var group = new byte[16];
                BitConverter.TryWriteBytes(group, number);
                var call = new CallRequest(
                    ChainAddresses.GroupMessageBroadcaster, GroupMessageBroadcasterContract.EncodeAddMessage(group, new byte[78]))
                {
                    From = DevAccounts.Administrator,
                };
                last = (await _fixture.Rpc.AskAsync("eth_sendTransaction", [call], RpcValue.Bytes32, Cancel)).OrThrow();
            }

            receipts.Add(await _fixture.Chain.WaitForReceiptAsync(last, Cancel));
        }

        return receipts;
    }

    /// <summary>A follower at work, and what a reader that does as it is told has of the chain.</summary>
    private sealed class Seen : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly HttpRpcTransport _transport;
        private readonly WebSocketRpcTransport? _socket;
        private readonly LogFollower _follower;
        private readonly Task _running;
        private List<LogEntry> _logs;

        public Seen(
            Uri rpc,
            WebSocketRpcTransport? socket,
            LogFollowerOptions options,
            FollowPosition from,
            List<LogEntry> already,
            TimeProvider? clock)
        {
            _transport = new HttpRpcTransport(rpc);
            _socket = socket;
            _logs = already;
            Position = from;
            _follower = new LogFollower(_transport, socket, Messages, options, clock);
            _running = RunAsync(from);
        }

        public FollowStatus Status => _follower.Status;

        public FollowPosition Position { get; private set; }

        public List<LogEntry> Logs => Volatile.Read(ref _logs);

        public IEnumerable<(Bytes32, ulong)> Keys => Logs.Select(log => (log.BlockHash, log.LogIndex));

        public IEnumerable<ulong> Sequence =>
            Logs.Select(log => GroupMessageBroadcasterContract.TryReadMessageSent(log, out var sent) ? sent.SequenceId : 0);

        public Task HasAsync(int count) => Eventually.IsAsync(() => Logs.Count == count, $"{count} events were seen");

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            if (_socket is not null) await _socket.DisposeAsync();
            _transport.Dispose();
            _stop.Dispose();
        }

        private async Task RunAsync(FollowPosition from)
        {
            try
            {
                await foreach (var step in _follower.FollowAsync(from, _stop.Token))
                {
                    Volatile.Write(
                        ref _logs,
                        step.Kind == FollowStepKind.Read
                            ? [.. _logs, .. step.Logs]
                            : [.. _logs.Where(log => log.BlockNumber < step.Position.Next)]);
                    Position = step.Position;
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The test is over.
            }
        }
    }
}
