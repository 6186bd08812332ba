using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

/// <summary>How many requests an endpoint failed, by kind, as all of its transports in this process count them.</summary>
public sealed class RpcFailuresTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(429, "too many requests", RpcErrorKind.RateLimited)]
    [InlineData(503, "<html>unavailable</html>", RpcErrorKind.Transport)]
    [InlineData(200, "<html>hello</html>", RpcErrorKind.Malformed)]
    [InlineData(200, """{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"no such method"}}""", RpcErrorKind.MethodNotFound)]
    public async Task A_request_that_the_provider_fails_is_counted_by_its_kind(int status, string body, RpcErrorKind kind)
    {
        await using var proxy = await RpcProxy.StartAsync(new Uri("http://127.0.0.1:1"));
        proxy.Reply = _ => new RpcReply(status, body);
        using var transport = new HttpRpcTransport(proxy.Url);
        using var other = new HttpRpcTransport(proxy.Url);
        Assert.Empty(transport.Failures);
        Assert.Equal(kind, (await other.SendAsync("eth_chainId", [], Cancel)).Error!.Kind);
        Assert.Equal([(kind, 1L)], transport.Failures.Select(failed => (failed.Key, failed.Value)));
    }

    [Fact]
    public async Task Requests_that_end_without_an_answer_are_counted_once_each_and_those_of_a_caller_that_left_are_not()
    {
        await using var proxy = await RpcProxy.StartAsync(new Uri("http://127.0.0.1:1"));
        var hangs = new TaskCompletionSource<string?>();
        proxy.Fault = (_, _, _) => hangs.Task;
        using var transport = new HttpRpcTransport(proxy.Url);
        var timed = new TimedRpcTransport(transport, TimeSpan.FromMilliseconds(200), TimeProvider.System);
        Assert.Equal(RpcErrorKind.Transport, (await timed.SendAsync("eth_chainId", [], Cancel)).Error!.Kind);
        Assert.Equal([(RpcErrorKind.Transport, 1L)], transport.Failures.Select(failed => (failed.Key, failed.Value)));

        using var left = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var asked = timed.SendAsync("eth_chainId", [], left.Token);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal([(RpcErrorKind.Transport, 1L)], transport.Failures.Select(failed => (failed.Key, failed.Value)));
        hangs.SetResult(null);
        Assert.Equal(RpcErrorKind.Transport, (await transport.SendAsync("eth_chainId", [], Cancel)).Error!.Kind);
        Assert.Equal([(RpcErrorKind.Transport, 2L)], transport.Failures.Select(failed => (failed.Key, failed.Value)));
    }

    [Fact]
    public async Task What_the_chain_decided_and_what_was_not_sent_is_no_failure()
    {
        await using var proxy = await RpcProxy.StartAsync(new Uri("http://127.0.0.1:1"));
        using var transport = new HttpRpcTransport(proxy.Url);
        foreach (var words in new[] { "nonce too low", "insufficient funds for gas * price + value", "already known" })
        {
            proxy.Reply = _ => new RpcReply(200, RpcFaultModes.Error(-32000, words));
            Assert.False((await transport.SendAsync("eth_sendRawTransaction", ["0x"], Cancel)).IsOk);
        }

        Assert.Empty(transport.Failures);
        proxy.Reply = _ => new RpcReply(429, "too many requests");
        Assert.False((await transport.SendAsync("eth_chainId", [], Cancel)).IsOk);
        Assert.True((await transport.SendAsync("eth_chainId", [], Cancel)).Error!.IsUnsent);
        Assert.Equal([(RpcErrorKind.RateLimited, 1L)], transport.Failures.Select(failed => (failed.Key, failed.Value)));
    }
}
