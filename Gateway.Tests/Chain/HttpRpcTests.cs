using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

public class HttpRpcTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await ScriptedRpcServer.AnsweringAsync("result", "\"0x1\"");
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            context.Response.Redirect(elsewhere.HttpUrl.ToString(), permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });

        var error = await ErrorOfAsync(server.HttpUrl);

        Assert.Equal((RpcErrorKind.Transport, 307), (error.Kind, error.Code));
    }

    // A byte 0xFF, or half of a pair.
    [Theory]
    [InlineData("{\"result\":\"0x\u00ff\"}", RpcErrorKind.Malformed)]
    [InlineData("{\"result\":\"\\ud800\"}", RpcErrorKind.Malformed)]
    [InlineData("{\"error\":\"\u00ff\"}", RpcErrorKind.Malformed)]
    [InlineData("{\"error\":{\"code\":-32000,\"message\":\"\u00ff\"}}", RpcErrorKind.Other)]
    [InlineData("{\"error\":{\"code\":\"\\ud800\",\"message\":\"nonce too low\"}}", RpcErrorKind.NonceTooLow)]
    [InlineData("{\"error\":{\"code\":3,\"message\":\"\",\"data\":\"\\ud800\"}}", RpcErrorKind.Reverted)]
    [InlineData("{\"error\":{\"code\":3,\"message\":\"\",\"data\":{\"data\":\"\u00ff\"}}}", RpcErrorKind.Reverted)]
    public async Task An_answer_with_text_that_is_no_Unicode_is_an_error(string answer, RpcErrorKind kind)
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(
            context => context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes(answer), Cancel).AsTask());
        using var transport = new HttpRpcTransport(server.HttpUrl);
        Assert.Equal(kind, (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).Error?.Kind);
    }

    [Fact]
    public async Task A_connection_that_is_reset_right_after_its_handshake_is_a_transport_error()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var resetting = Task.Run(async () =>
        {
            while (!Cancel.IsCancellationRequested)
            {
                try
                {
                    using var caller = await listener.AcceptSocketAsync(Cancel);
                    caller.LingerState = new LingerOption(true, 0);
                }
                catch (Exception exception) when (exception is SocketException or OperationCanceledException or InvalidOperationException)
                {
                    return;
                }
            }
        }, Cancel);
        using var transport = new HttpRpcTransport(new Uri($"http://{listener.LocalEndpoint}"));

        // The client sees the reset at various points; each must come out as the same kind of error.
        for (var n = 0; n < 1_000; n++)
            Assert.Equal(RpcErrorKind.Transport, (await transport.SendAsync("eth_chainId", [], Cancel)).Error?.Kind);

        listener.Stop();
        await resetting;
    }

    [Theory]
    [InlineData(429, RpcErrorKind.RateLimited)]
    [InlineData(500, RpcErrorKind.Transport)]
    [InlineData(502, RpcErrorKind.Transport)]
    [InlineData(401, RpcErrorKind.Transport)]
    public async Task An_HTTP_error_without_an_answer_keeps_its_status(int status, RpcErrorKind kind)
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("<html>no</html>");
        });

        var error = await ErrorOfAsync(server.HttpUrl);

        Assert.Equal((kind, status), (error.Kind, error.Code));
    }

    [Fact]
    public async Task An_answer_counts_also_under_an_HTTP_error()
    {
        await using var server = await ScriptedRpcServer.AnsweringAsync(
            "error", """{"code":-32000,"message":"nonce too low"}""", status: 400);

        Assert.Equal(RpcErrorKind.NonceTooLow, (await ErrorOfAsync(server.HttpUrl)).Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"error":7}""")]
    [InlineData("""{"result":-1}""")]
    [InlineData("""{"result":1.5}""")]
    [InlineData("""{"result":36893488147419103231}""")] // more than 64 bits
    [InlineData("""{"result":"1"}""")]
    [InlineData("""{"result":null}""")]
    [InlineData("""{"result":"0x1ffffffffffffffff"}""")] // more than 64 bits
    public async Task An_invalid_answer_is_malformed(string body)
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context => context.Response.WriteAsync(body));

        Assert.Equal(RpcErrorKind.Malformed, (await ErrorOfAsync(server.HttpUrl)).Kind);
    }

    [Theory]
    [InlineData("\"0x1f\"")]
    [InlineData("\"0x001f\"")]
    [InlineData("\"0X1F\"")]
    [InlineData("31")]
    [InlineData("31.0")]
    [InlineData("3.1e1")]
    public async Task A_quantity_is_read_with_leading_zeros_and_as_a_number(string quantity)
    {
        await using var server = await ScriptedRpcServer.AnsweringAsync("result", quantity);
        using var transport = new HttpRpcTransport(server.HttpUrl);

        Assert.Equal(31ul, (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).OrThrow());
    }

    [Theory]
    [InlineData("""{"result":"0x"}""", 0UL)]
    [InlineData("\uFEFF{\"result\":\"0x1f\"}", 31UL)]
    [InlineData("""[{"id":1,"result":"0x1f"}]""", 31UL)]
    public async Task An_answer_may_begin_with_a_byte_order_mark_or_be_an_array_of_one_and_0x_is_zero(string body, ulong number)
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context => context.Response.WriteAsync(body));
        using var transport = new HttpRpcTransport(server.HttpUrl);

        Assert.Equal(number, (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).OrThrow());
    }

    [Theory]
    [MemberData(nameof(RpcFaultModes.Limits), MemberType = typeof(RpcFaultModes))]
    public async Task A_429_is_a_rate_limit_whatever_its_text_and_pauses_every_transport_to_the_endpoint(string body)
    {
        var asked = 0;
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            Interlocked.Increment(ref asked);
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "30";
            return context.Response.WriteAsync(body);
        });

        var first = await ErrorOfAsync(server.HttpUrl);
        var second = await ErrorOfAsync(server.HttpUrl);

        Assert.Equal((RpcErrorKind.RateLimited, TimeSpan.FromSeconds(30), false), (first.Kind, first.RetryAfter, first.IsUnsent));
        Assert.Equal((RpcErrorKind.RateLimited, true), (second.Kind, second.IsUnsent));
        Assert.InRange(second.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(30));
        Assert.EndsWith(first.Message, second.Message, StringComparison.Ordinal);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_Retry_After_that_is_a_date_counts_by_the_endpoints_clock()
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.Date = "Sun, 06 Nov 1994 08:49:37 GMT";
            context.Response.Headers.RetryAfter = "Sun, 06 Nov 1994 08:49:57 GMT";
            return Task.CompletedTask;
        });

        Assert.Equal(TimeSpan.FromSeconds(20), (await ErrorOfAsync(server.HttpUrl)).RetryAfter);
    }

    [Fact]
    public async Task A_limit_that_names_no_time_is_over_soon_and_the_answer_behind_it_counts()
    {
        var asked = 0;
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            if (Interlocked.Increment(ref asked) > 1) return context.Response.WriteAsync("""{"result":"0x1"}""");
            context.Response.StatusCode = 429;
            return Task.CompletedTask;
        });
        using var transport = new HttpRpcTransport(server.HttpUrl);

        Assert.Equal(RpcErrorKind.RateLimited, (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).Error?.Kind);
        await Eventually.IsAsync(async () => (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).IsOk, "it is asked again");
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_page_about_a_limit_is_one_under_any_status()
    {
        foreach (var page in RpcFaultModes.LimitPages)
        {
            await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
            {
                context.Response.StatusCode = page.Status;
                return context.Response.WriteAsync(page.Body);
            });

            Assert.Equal((page, RpcErrorKind.RateLimited), (page, (await ErrorOfAsync(server.HttpUrl)).Kind));
            Assert.True((await ErrorOfAsync(server.HttpUrl)).IsUnsent);
        }
    }

    [Theory]
    [InlineData(403, "30", RpcErrorKind.RateLimited)]
    [InlineData(418, "Sun, 06 Nov 1994 08:50:07 GMT", RpcErrorKind.RateLimited)]
    [InlineData(502, "30", RpcErrorKind.Transport)]
    [InlineData(503, "30", RpcErrorKind.Transport)]
    [InlineData(503, "Sun, 06 Nov 1994 08:50:07 GMT", RpcErrorKind.Transport)]
    public async Task Any_error_with_Retry_After_pauses_every_transport_to_the_endpoint(
        int status, string retryAfter, RpcErrorKind kind)
    {
        var asked = 0;
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            Interlocked.Increment(ref asked);
            context.Response.StatusCode = status;
            context.Response.Headers.Date = "Sun, 06 Nov 1994 08:49:37 GMT";
            context.Response.Headers.RetryAfter = retryAfter;
            return context.Response.WriteAsync("<html>no</html>");
        });

        var first = await ErrorOfAsync(server.HttpUrl);
        var second = await ErrorOfAsync(server.HttpUrl);

        Assert.Equal((kind, TimeSpan.FromSeconds(30), false), (first.Kind, first.RetryAfter, first.IsUnsent));
        Assert.Equal((kind, true, 1), (second.Kind, second.IsUnsent, asked));
        Assert.InRange(second.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Only_what_no_server_can_have_read_counts_as_unsent()
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        Assert.False((await ErrorOfAsync(server.HttpUrl)).IsUnsent);
        Assert.True((await ErrorOfAsync(new Uri("http://127.0.0.1:1/"))).IsUnsent);
        Assert.True((await ErrorOfAsync(new Uri("http://no-such-host.invalid/"))).IsUnsent);
    }

    [Fact]
    public async Task A_gateway_s_503_is_no_answer_of_the_chain_though_it_is_written_as_one()
    {
        await using var server = await ScriptedRpcServer.AnsweringAsync(
            "error", """{"code":-32603,"message":"upstream is away"}""", status: 503);

        Assert.Equal(RpcErrorKind.Transport, (await ErrorOfAsync(server.HttpUrl)).Kind);
    }

    [Theory]
    [InlineData("\"Too many requests\"", RpcErrorKind.RateLimited)]
    [InlineData("""{"code":"-32601","message":"no"}""", RpcErrorKind.MethodNotFound)]
    public async Task An_error_is_read_as_a_text_and_with_a_code_that_is_one(string error, RpcErrorKind kind)
    {
        await using var server = await ScriptedRpcServer.AnsweringAsync("error", error);

        Assert.Equal(kind, (await ErrorOfAsync(server.HttpUrl)).Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_response_that_is_too_large_leads_to_a_smaller_range(bool announced)
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            var body = Encoding.UTF8.GetBytes($$"""{"result":[{{new string(' ', 5000)}}]}""");
            if (announced) context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body).AsTask();
        });
        using var transport = new HttpRpcTransport(server.HttpUrl) { MaxAnswerBytes = 4096 };

        Assert.Equal(RpcErrorKind.RangeTooLarge, (await new EthereumRpc(transport).GetLogsAsync(new LogFilter(), Cancel)).Error?.Kind);
    }

    [Fact]
    public async Task An_unreachable_endpoint_is_named_without_the_secrets_of_its_URL()
    {
        using var transport = new HttpRpcTransport(new Uri("http://user:s3cret@127.0.0.1:1/v2/k3y?token=t0ken"));

        var error = (await new EthereumRpc(transport).GetBlockNumberAsync(Cancel)).Error!;

        Assert.Equal(RpcErrorKind.Transport, error.Kind);
        Assert.Contains("http://127.0.0.1:1", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("eth_blockNumber", error.ToString(), StringComparison.Ordinal);
        Assert.All(
            new[] { "s3cret", "k3y", "t0ken", "user" },
            secret => Assert.DoesNotContain(secret, error.ToString() + transport.Endpoint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Credentials_of_the_URL_are_sent_as_basic_authorization()
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
            context.Response.WriteAsync(
                $$"""{"result":"{{(context.Request.Headers.Authorization == "Basic dXNlcjpwYSBzcw==" ? "0x1" : "0x0")}}"}"""));
        using var transport = new HttpRpcTransport(new UriBuilder(server.HttpUrl) { UserName = "user", Password = "pa%20ss" }.Uri);

        Assert.Equal(1ul, (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).OrThrow());
    }

    [Fact]
    public async Task The_callers_token_ends_the_wait()
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var transport = new HttpRpcTransport(server.HttpUrl);
        using var timeout = new CancellationTokenSource();

        var asked = new EthereumRpc(transport).GetChainIdAsync(timeout.Token);
        await timeout.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Fact]
    public async Task A_span_of_a_request_has_the_conventional_attributes()
    {
        var asked = string.Empty;
        await using var server = await ScriptedRpcServer.OverHttpAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            asked = await reader.ReadToEndAsync();
            await context.Response.WriteAsync("""{"result":"0x"}""");
        });
        using var transport = new HttpRpcTransport(server.HttpUrl);
        var to = Xmtp.Gateway.Crypto.EthereumAddress.Parse("0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C");

        await new EthereumRpc(transport)
            .CallAsync(new CallRequest(to, new byte[] { 0xa1, 0x17, 0x4e, 0x7d }) { Value = new Wei(16) }, BlockTag.At(255), Cancel);

        Assert.Equal(
            """{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[""" +
            """{"to":"0xd19f631634bdb0e31217ee22139025b75ce6ea5c","value":"0x10","data":"0xa1174e7d"},"0xff"]}""",
            asked);
    }

    private static async Task<RpcError> ErrorOfAsync(Uri url)
    {
        using var transport = new HttpRpcTransport(url);
        return (await new EthereumRpc(transport).GetChainIdAsync(Cancel)).Error!;
    }
}
