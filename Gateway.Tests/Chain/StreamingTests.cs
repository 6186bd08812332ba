using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

public class StreamingTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static readonly WebSocketOptions ShortTimeouts = new()
    {
        FirstBackoff = TimeSpan.FromMilliseconds(10),
        KeepAliveInterval = TimeSpan.FromMilliseconds(100),
        KeepAliveTimeout = TimeSpan.FromMilliseconds(200),
    };

    private static readonly LogFilter Messages = new()
    {
        Addresses = [ChainAddresses.GroupMessageBroadcaster],
        Topics = [[GroupMessageBroadcasterContract.MessageSentTopic]],
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_go_over_one_socket_side_by_side()
    {
        await using var transport = new WebSocketRpcTransport(chain.Anvil.WebSocketUrl);
        var rpc = new EthereumRpc(transport);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => rpc.GetChainIdAsync(Cancel)));

        Assert.All(answers, answer => Assert.Equal(31337ul, answer.OrThrow()));
    }

    [Fact]
    public async Task New_heads_arrive_as_blocks_are_mined()
    {
        await using var transport = new WebSocketRpcTransport(chain.Anvil.WebSocketUrl);
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);

        Assert.Equal(StreamItemKind.Live, await KindAsync(heads));
        await chain.Chain.MineAsync(2, Cancel);
        var first = await ValueAsync(heads);
        var second = await ValueAsync(heads);

        Assert.Equal(first.Number + 1, second.Number);
        Assert.Equal(first.Hash, second.ParentHash);
    }

    [Fact]
    public async Task Logs_that_pass_the_filter_arrive_and_others_do_not()
    {
        await using var transport = new WebSocketRpcTransport(chain.Anvil.WebSocketUrl);
        await using var logs = transport.StreamLogsAsync(Messages, Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal(StreamItemKind.Live, await KindAsync(logs));

        await chain.Chain.DepositAsync(DevAccounts.Administrator, new Microdollars(1), Cancel);
        var receipt = await PublishAsync(1);
        var log = await ValueAsync(logs);

        Assert.Equal(receipt.TransactionHash, log.TransactionHash);
        Assert.True(GroupMessageBroadcasterContract.TryReadMessageSent(log, out var sent));
        Assert.Equal(1, sent.GroupId.Span[15]);
    }

    [Fact]
    public async Task After_a_cut_the_stream_reports_it_continues_and_what_was_missed_can_be_read()
    {
        await using var proxy = new TcpFaultProxy(chain.Anvil.HttpUrl.Port);
        await using var transport = new WebSocketRpcTransport(proxy.Through(chain.Anvil.WebSocketUrl), ShortTimeouts);
        await using var logs = transport.StreamLogsAsync(Messages, Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal(StreamItemKind.Live, await KindAsync(logs));

        proxy.Mode = ProxyMode.Cut;
        Assert.Equal(StreamItemKind.Lost, await KindAsync(logs));
        var missed = await PublishAsync(2);
        proxy.Mode = ProxyMode.Pass;
        Assert.Equal(StreamItemKind.Live, await KindAsync(logs));
        var seen = await PublishAsync(3);

        Assert.Equal(seen.TransactionHash, (await ValueAsync(logs)).TransactionHash);
        var backfill = (await chain.Rpc.GetLogsAsync(Messages.Between(missed.BlockNumber, seen.BlockNumber), Cancel)).OrThrow();
        Assert.Contains(backfill, log => log.TransactionHash == missed.TransactionHash);
    }

    [Fact]
    public async Task A_peer_that_falls_silent_is_noticed()
    {
        await using var proxy = new TcpFaultProxy(chain.Anvil.HttpUrl.Port);
        await using var transport = new WebSocketRpcTransport(proxy.Through(chain.Anvil.WebSocketUrl), ShortTimeouts);
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal(StreamItemKind.Live, await KindAsync(heads));

        proxy.Mode = ProxyMode.BlackHole;
        Assert.Equal(StreamItemKind.Lost, await KindAsync(heads));
        proxy.Mode = ProxyMode.Pass;

        Assert.Equal(StreamItemKind.Live, await KindAsync(heads));
        Assert.True(proxy.Accepted >= 2);
    }

    [Fact]
    public async Task A_request_in_flight_when_the_socket_breaks_is_in_doubt_and_not_lost()
    {
        await using var proxy = new TcpFaultProxy(chain.Anvil.HttpUrl.Port);
        await using var transport = new WebSocketRpcTransport(
            proxy.Through(chain.Anvil.WebSocketUrl), ShortTimeouts with { KeepAliveInterval = TimeSpan.FromMinutes(1) });
        var rpc = new EthereumRpc(transport);
        (await rpc.GetChainIdAsync(Cancel)).OrThrow();

        proxy.Mode = ProxyMode.BlackHole;
        var asked = rpc.GetBlockNumberAsync(Cancel);
        proxy.CutAll();

        var error = (await asked).Error;
        Assert.Equal(RpcErrorKind.Transport, error?.Kind);
        Assert.Equal("eth_blockNumber", error!.Method);
    }

    [Fact]
    public async Task A_slow_reader_restarts_instead_of_filling_the_memory()
    {
        // The answer to the second request comes after all events, so when it is there the events were read.
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((method, id) => method == "eth_subscribe"
            ? [$$"""{"id":{{id}},"result":"0x5"}""", .. Enumerable.Range(1, 20).Select(Head)]
            : [$$"""{"id":{{id}},"result":"0x1"}"""]);
        await using var transport = new WebSocketRpcTransport(server.WebSocketUrl, new WebSocketOptions { MaxUnread = 8 });
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);
        // Live, or an event of those that come at once.
        Assert.True(await heads.MoveNextAsync());
        (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).OrThrow();

        var received = new List<Block>();
        while (received.LastOrDefault()?.Number != 20)
        {
            Assert.True(await heads.MoveNextAsync());
            if (heads.Current.Value is { } head) received.Add(head);
            else received.Clear();
        }

        Assert.InRange(received.Count, 1, 8);
    }

    [Fact]
    public async Task An_endpoint_without_subscriptions_is_reported_and_retried_on_the_next_connection_only()
    {
        var asked = 0;
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((method, id) => method == "eth_chainId"
            ? [$$"""{"id":{{id}},"result":"0x1"}"""]
            : Interlocked.Increment(ref asked) == 1
                ? [$$"""{"id":{{id}},"error":{"code":-32601,"message":"no"} }"""]
                : [$$"""{"id":{{id}},"result":"0x5"}""", Head(7)]);
        await using var transport = new WebSocketRpcTransport(server.WebSocketUrl, ShortTimeouts);
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);

        Assert.Equal(StreamItemKind.Refused, await KindAsync(heads));
        Assert.Equal(RpcErrorKind.MethodNotFound, heads.Current.Error?.Kind);
        (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).OrThrow();
        Assert.Equal(1, asked);
        transport.Restart();

        Assert.Equal(StreamItemKind.Live, await KindAsync(heads));
        Assert.Equal(7ul, (await ValueAsync(heads)).Number);
    }

    [Theory]
    [InlineData(-32000, "too many subscriptions")]
    [InlineData(-32602, "this is not served now")]
    [InlineData(-32005, "rate limit")]
    [InlineData(-32603, "internal error")]
    public async Task A_subscription_that_was_refused_is_retried(int code, string words)
    {
        var refusals = 3;
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((_, id) => Interlocked.Decrement(ref refusals) >= 0
            ? [$$"""{"id":{{id}},"error":{"code":{{code}},"message":"{{words}}"} }"""]
            : [$$"""{"id":{{id}},"result":"0x5"}""", Head(7)]);
        await using var transport = new WebSocketRpcTransport(server.WebSocketUrl, ShortTimeouts);
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);

        for (var i = 0; i < 3; i++) Assert.Equal(StreamItemKind.Refused, await KindAsync(heads));
        Assert.Equal(StreamItemKind.Live, await KindAsync(heads));
        Assert.Equal(7ul, (await ValueAsync(heads)).Number);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_subscription_that_is_never_answered_is_retried(int silences)
    {
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((_, id) => Interlocked.Decrement(ref silences) >= 0
            ? []
            : [$$"""{"id":{{id}},"result":"0x5"}""", Head(7)]);
        await using var transport = new WebSocketRpcTransport(
            server.WebSocketUrl,
            ShortTimeouts with { SubscribeTimeout = TimeSpan.FromMilliseconds(200), KeepAliveInterval = TimeSpan.FromMinutes(1) });
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);

        while (await KindAsync(heads) != StreamItemKind.Live) Assert.Equal(StreamItemKind.Refused, heads.Current.Kind);
        Assert.Equal(7ul, (await ValueAsync(heads)).Number);
    }

    [Fact]
    public async Task A_subscription_that_the_server_ends_is_retried()
    {
        var asked = 0;
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((_, id) => Interlocked.Increment(ref asked) == 1
            ? [
                $$"""{"id":{{id}},"result":"0x5"}""",
                """{"method":"eth_subscription","params":{"subscription":"0x5","error":{"code":-32000,"message":"too slow"} } }""",
            ]
            : [$$"""{"id":{{id}},"result":"0x6"}""", Head(7).Replace("0x5", "0x6", StringComparison.Ordinal)]);
        await using var transport = new WebSocketRpcTransport(server.WebSocketUrl, ShortTimeouts);
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);

        Assert.Equal(StreamItemKind.Live, await KindAsync(heads));
        Assert.Equal(StreamItemKind.Lost, await KindAsync(heads));
        Assert.Equal(StreamItemKind.Live, await KindAsync(heads));
        Assert.Equal(7ul, (await ValueAsync(heads)).Number);
    }

    [Fact]
    public async Task A_subscription_that_the_server_ends_at_once_is_retried_with_exponential_backoff()
    {
        var asked = 0;
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((method, id) => method == "eth_chainId"
            ? [$$"""{"id":{{id}},"result":"0x1"}"""]
            : [
                $$"""{"id":{{id}},"result":"0x{{Interlocked.Increment(ref asked)}}"}""",
                $$"""{"method":"eth_subscription","params":{"subscription":"0x{{asked}}","error":{"code":-32000,"message":"no"} } }""",
            ]);
        var time = new FakeTimeProvider();
        await using var transport = new WebSocketRpcTransport(
            server.WebSocketUrl, new WebSocketOptions { FirstBackoff = TimeSpan.FromSeconds(1) }, time);
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);

        await EndsAsync(1);
        time.Advance(TimeSpan.FromSeconds(1));
        await EndsAsync(2);
        // Each wait is shortened by up to a fifth: the second one has at least 1.6 s.
        time.Advance(TimeSpan.FromSeconds(1.5));
        await AnswersAsync();
        Assert.Equal(2, asked);
        time.Advance(TimeSpan.FromSeconds(0.5));
        await EndsAsync(3);

        async Task EndsAsync(int times)
        {
            Assert.Equal(StreamItemKind.Live, await KindAsync(heads));
            Assert.Equal(StreamItemKind.Lost, await KindAsync(heads));
            await AnswersAsync();
            Assert.Equal(times, asked);
        }

        // A request that is made earlier is answered earlier.
        async Task AnswersAsync() => (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).OrThrow();
    }

    [Fact]
    public async Task A_server_that_closes_each_connection_is_reconnected_with_exponential_backoff()
    {
        var accepted = 0;
        await using var server = await ScriptedRpcServer.OverBothAsync(async context =>
        {
            Interlocked.Increment(ref accepted);
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        var time = new FakeTimeProvider();
        var start = time.GetUtcNow();
        await using var transport = new WebSocketRpcTransport(server.WebSocketUrl, null, time);

        await Eventually.IsAsync(
            () =>
            {
                if (Volatile.Read(ref accepted) >= 5) return true;
                time.Advance(TimeSpan.FromMilliseconds(10));
                return false;
            },
            "it connects again");

        // 250 ms, 500 ms, 1 s and 2 s, each shortened by a fifth at most.
        Assert.True(time.GetUtcNow() - start >= TimeSpan.FromSeconds(3), $"after {time.GetUtcNow() - start}");
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":null,"error":{"code":-32007,"message":"50/second request limit"} }""", RpcErrorKind.RateLimited)]
    [InlineData("""{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"already known"} }""", RpcErrorKind.Other)]
    [InlineData("""{"error":{"code":-32700,"message":"parse error"} }""", RpcErrorKind.Other)]
    [InlineData("""[{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"} }]""", RpcErrorKind.Other)]
    [InlineData("Too many requests", RpcErrorKind.RateLimited)]
    public async Task An_error_that_names_no_request_fails_those_in_flight(string message, RpcErrorKind kind)
    {
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((_, _) => [message]);
        await using var transport = new WebSocketRpcTransport(server.WebSocketUrl);

        var answer = await new EthereumRpc(transport).GetChainIdAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(2), Cancel);

        Assert.Equal(kind, answer.Error?.Kind);
    }

    [Fact]
    public async Task An_answer_in_an_array_is_read()
    {
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((_, id) => [$$"""[{"id":{{id}},"result":"0x7"}]"""]);
        await using var transport = new WebSocketRpcTransport(server.WebSocketUrl);

        Assert.Equal(
            7ul, (await new EthereumRpc(transport).GetChainIdAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(2), Cancel)).OrThrow());
    }

    [Theory]
    [InlineData("/v2/key", "/v2/key")]
    [InlineData("/v3/key", "/ws/v3/key")]
    public async Task A_rate_limit_over_WebSocket_applies_to_HTTP_and_vice_versa(string path, string socketPath)
    {
        var asked = 0;
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((_, id) =>
        {
            Interlocked.Increment(ref asked);
            return [$$"""{"id":{{id}},"error":{"code":-32007,"message":"50/second request limit reached"} }"""];
        });
        await using var socket = new WebSocketRpcTransport(new Uri(server.WebSocketUrl, socketPath));
        using var http = new HttpRpcTransport(new Uri(server.HttpUrl, path));
        using var other = new HttpRpcTransport(new Uri(server.HttpUrl, "/v2/another-key"));

        Assert.Equal(RpcErrorKind.RateLimited, (await new EthereumRpc(socket).GetChainIdAsync(Cancel)).Error?.Kind);
        var error = (await new EthereumRpc(http).GetChainIdAsync(Cancel)).Error!;
        Assert.Equal((RpcErrorKind.RateLimited, true), (error.Kind, error.IsUnsent));
        Assert.NotEqual(RpcErrorKind.RateLimited, (await new EthereumRpc(other).GetChainIdAsync(Cancel)).Error?.Kind);
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_handshake_refused_with_Retry_After_is_retried_after_it_while_HTTP_requests_continue(int status)
    {
        var (handshakes, requests) = (0, 0);
        await using var server = await ScriptedRpcServer.OverBothAsync(context =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                Interlocked.Increment(ref requests);
                return context.Response.WriteAsync("""{"result":"0x1"}""");
            }
            Interlocked.Increment(ref handshakes);
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "50";
            return Task.CompletedTask;
        });
        await using var socket = new WebSocketRpcTransport(server.WebSocketUrl, ShortTimeouts);
        Assert.NotNull((await new EthereumRpc(socket).GetChainIdAsync(Cancel)).Error);
        using var http = new HttpRpcTransport(server.HttpUrl);

        Assert.Equal(1UL, (await new EthereumRpc(http).GetChainIdAsync(Cancel)).Value);
        Assert.Equal((1, 1), (handshakes, requests));
    }

    [Fact]
    public async Task Ids_that_are_written_as_texts_and_subscriptions_that_are_numbers_are_known()
    {
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((_, id) =>
            [$$"""{"id":"{{id}}","result":5}""", Head(7).Replace("\"0x5\"", "5", StringComparison.Ordinal)]);
        await using var transport = new WebSocketRpcTransport(server.WebSocketUrl);
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);

        Assert.Equal(StreamItemKind.Live, await KindAsync(heads));
        Assert.Equal(7ul, (await ValueAsync(heads)).Number);
    }

    [Fact]
    public async Task An_unreadable_notification_makes_the_reader_query_the_chain()
    {
        await using var server = await ScriptedRpcServer.OverWebSocketAsync((_, id) =>
            [$$"""{"id":{{id}},"result":"0x5"}""", "nonsense", """{"params":{"subscription":"0x5","result":{"number":"x"}}}""", Head(7)]);
        await using var transport = new WebSocketRpcTransport(server.WebSocketUrl);
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);

        Assert.Equal(StreamItemKind.Live, await KindAsync(heads));
        while (heads.Current.Value is null) Assert.True(await heads.MoveNextAsync());
        Assert.Equal(7ul, heads.Current.Value.Number);
    }

    [Fact]
    public async Task Streams_end_when_the_transport_is_disposed()
    {
        var transport = new WebSocketRpcTransport(chain.Anvil.WebSocketUrl);
        await using var heads = transport.StreamHeadsAsync(Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal(StreamItemKind.Live, await KindAsync(heads));

        await transport.DisposeAsync();

        while (await heads.MoveNextAsync()) Assert.Equal(StreamItemKind.Lost, heads.Current.Kind);
        Assert.Equal(RpcErrorKind.Transport, (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).Error?.Kind);
    }

    private static string Head(int number) =>
        $$$"""{"params":{"subscription":"0x5","result":""" +
        $$$"""{"number":"0x{{{number:x}}}","hash":"0x{{{number:x64}}}","parentHash":"0x{{{number - 1:x64}}}","timestamp":"0x1"} } }""";

    private static async Task<StreamItemKind> KindAsync<T>(IAsyncEnumerator<StreamItem<T>> stream)
        where T : class
    {
        Assert.True(await stream.MoveNextAsync());
        return stream.Current.Kind;
    }

    private static async Task<T> ValueAsync<T>(IAsyncEnumerator<StreamItem<T>> stream)
        where T : class
    {
        Assert.Equal(StreamItemKind.Value, await KindAsync(stream));
        return stream.Current.Value!;
    }

    private Task<TransactionReceipt> PublishAsync(byte mark)
    {
        var group = new byte[16];
        group[15] = mark;
        return chain.Chain.SendAsync(
            DevAccounts.Administrator,
            ChainAddresses.GroupMessageBroadcaster,
            GroupMessageBroadcasterContract.EncodeAddMessage(group, new byte[100]),
            Cancel);
    }
}
