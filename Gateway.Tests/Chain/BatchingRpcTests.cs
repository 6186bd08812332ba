using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

/// <summary>Requests that come together are one body, whatever an endpoint makes of it.</summary>
public sealed class BatchingRpcTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_that_come_together_are_one_body_and_answers_in_any_order_find_their_requests()
    {
        var bodies = new ConcurrentQueue<string>();
        await using var server = await ServeAsync(
            bodies, requests => $"[{string.Join(',', requests.Reverse().Select(request => Answer(request)))}]");

        Assert.Equal([0, 1, 2, 3], await AskAsync(server, 4));
        Assert.Single(bodies);
    }

    [Fact]
    public async Task A_request_alone_is_no_batch()
    {
        var bodies = new ConcurrentQueue<string>();
        await using var server = await ServeAsync(bodies, _ => "[]");

        Assert.Equal([0], await AskAsync(server, 1));
        Assert.StartsWith("{", Assert.Single(bodies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_requests_than_a_batch_has_are_several_batches()
    {
        var bodies = new ConcurrentQueue<string>();
        await using var server = await ServeAsync(bodies, requests => $"[{string.Join(',', requests.Select(request => Answer(request)))}]");

        Assert.Equal(Enumerable.Range(0, 250), await AskAsync(server, 250));
        Assert.Equal([50, 100, 100], bodies.Select(body => JsonElement.Parse(body).GetArrayLength()).Order());
    }

    [Fact]
    public async Task What_an_answer_leaves_out_is_requested_by_itself()
    {
        var bodies = new ConcurrentQueue<string>();
        await using var server = await ServeAsync(
            bodies, requests => $"[{string.Join(',', requests.Skip(1).Select(request => Answer(request)))}]");

        Assert.Equal([0, 1, 2], await AskAsync(server, 3));
        Assert.Equal(2, bodies.Count);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch requests are not supported"}}""")]
    [InlineData("""[{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch requests are not supported"}}]""")]
    [InlineData("not JSON")]
    public async Task An_endpoint_that_refuses_a_batch_gets_single_requests_from_then_on(string refusal)
    {
        var bodies = new ConcurrentQueue<string>();
        await using var server = await ServeAsync(bodies, _ => refusal);
        using var http = new HttpRpcTransport(server.HttpUrl);
        var batching = Of(http);

        Assert.Equal([0, 1, 2], await AskAsync(batching, 3));
        Assert.Equal([0, 1], await AskAsync(batching, 2));
        Assert.Single(bodies, body => body.StartsWith('['));
        Assert.Equal(6, bodies.Count);
    }

    [Fact]
    public async Task An_error_in_a_batch_is_that_of_its_request_alone()
    {
        await using var server = await ServeAsync(
            new ConcurrentQueue<string>(),
            requests => $"[{string.Join(',', requests.Select((request, i) => i == 1 ? Refusal(request) : Answer(request)))}]");
        using var http = new HttpRpcTransport(server.HttpUrl);
        var batching = Of(http);

        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => batching.SendAsync("echo", [i], Cancel)));
        Assert.Equal([true, false, true], answers.Select(answer => answer.IsOk));
    }

    private static BatchingRpcTransport Of(HttpRpcTransport http) =>
        new(http, TimeSpan.FromMilliseconds(200), TestLimit.Max, TimeProvider.System);

    private static async Task<IEnumerable<int>> AskAsync(ScriptedRpcServer server, int count)
    {
        using var http = new HttpRpcTransport(server.HttpUrl);
        return await AskAsync(Of(http), count);
    }

    private static async Task<IEnumerable<int>> AskAsync(BatchingRpcTransport batching, int count)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, count).Select(i => batching.SendAsync("echo", [i], Cancel)));
        return answers.Select(answer => Convert.ToInt32(answer.OrThrow().GetString(), 16));
    }

    private static Task<ScriptedRpcServer> ServeAsync(ConcurrentQueue<string> bodies, Func<IEnumerable<JsonElement>, string> answer) =>
        ScriptedRpcServer.OverHttpAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(Cancel);
            bodies.Enqueue(body);
            var json = JsonElement.Parse(body);
            await context.Response.WriteAsync(json.ValueKind == JsonValueKind.Array ? answer(json.EnumerateArray()) : Answer(json), Cancel);
        });

    private static string Refusal(JsonElement request) =>
        $$$"""{"jsonrpc":"2.0","id":{{{request.GetProperty("id")}}},"error":{"code":-32000,"message":"no"}}""";

    // What was sent, as JSON.
    private static string Answer(JsonElement request) =>
        $$"""{"jsonrpc":"2.0","id":{{request.GetProperty("id")}},"result":{{request.GetProperty("params")[0].GetRawText()}}}""";
}
