using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Operator.Access;
using Xmtp.Gateway.Operator.Lately;
using Xmtp.Gateway.Operator.Overview;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Operator;

/// <summary>What the page makes of the answers of a chain watcher, whatever they are.</summary>
public sealed class WatcherReaderTests
{
    private const string Deposit =
        """{"events":[{"chain":"settlement-chain","type":"Deposit","block":7,"microdollars":"25000000"},null]}""";
    private const string Rates = """
        {"events":[{"chain":"settlement-chain","type":"RatesUpdated","block":8,"time":1795000000,"text":
        "message 12000000, storage 110, congestion 0 picodollars, target 1000 a minute, from 1795773600"}]}
        """;

    private readonly ConcurrentDictionary<string, string> _answers = new();

    [Theory]
    [InlineData("""{"nodes":[{"id":"x","up":true,"lag":{}}]}""")]
    [InlineData("""{"nodes":[{"id":100}]}""")]
    [InlineData("""{"nodes":[{"id":100,"up":true,"lag":{"200":-3}}]}""")]
    [InlineData("""{"nodes":[{"id":100,"up":true,"lag":{"-":1}}]}""")]
    [InlineData("""{"nodes":7}""")]
    [InlineData("""{"others":[]}""")]
    [InlineData("[]")]
    public async Task An_odd_view_of_the_nodes_is_told_and_costs_no_event(string network)
    {
        _answers["/v1/history"] = Deposit;
        _answers["/v1/network"] = network;
        var news = await ReadAsync();
        Assert.Equal("the chain watcher's view of the nodes cannot be read: it answers in another form", news.NetworkFault);
        Assert.Empty(news.Behind);
        Assert.Null(news.Fault);
        Assert.Equal("Deposit", Assert.Single(news.Events).Type);
    }

    [Theory]
    [InlineData("""{"events":7}""")]
    [InlineData("""{"events":[{"block":"seven"}]}""")]
    [InlineData("{}")]
    public async Task Odd_events_are_told(string history)
    {
        _answers["/v1/history"] = history;
        _answers["/v1/network"] = """{"nodes":[]}""";
        var news = await ReadAsync();
        Assert.Equal("the chain watcher's events cannot be read: it answers in another form", news.Fault);
        Assert.Null(news.NetworkFault);
    }

    [Fact]
    public async Task A_node_is_as_far_behind_at_others_as_the_one_that_lacks_most_and_not_known_where_no_other_is_up()
    {
        _answers["/v1/history"] = Deposit;
        _answers["/v1/network"] = """
            {"nodes":[
              {"id":100,"up":true,"lag":{"100":0,"200":3,"300":0}},
              {"id":200,"up":true,"lag":{"100":0,"200":9,"300":5}},
              {"id":300,"up":false,"lag":{"100":70,"200":70,"300":70}}]}
            """;
        Assert.Equal([(100, 0), (200, 3), (300, 5)], (await ReadAsync()).Behind.Select(one => ((int)one.Key, (int)one.Value)));
        _answers["/v1/network"] = """{"nodes":[{"id":100,"up":true,"lag":{}},{"id":200,"up":false,"lag":{"100":70}}]}""";
        Assert.Equal([(200, 0)], (await ReadAsync()).Behind.Select(one => ((int)one.Key, (int)one.Value)));
    }

    [Fact]
    public async Task A_watcher_without_the_watch_of_the_nodes_or_of_an_earlier_release_is_told_and_read()
    {
        _answers["/v1/history"] = Deposit;
        var news = await ReadAsync();
        Assert.Equal("the chain watcher does not watch the nodes: start it with --watcher.network", news.NetworkFault);
        Assert.Empty(news.Heads);
        Assert.Null(news.Fault);

        _answers["/v1/chains"] = """
            {"chains":[{"name":"app-chain","head":12,"behind":2},{"name":"settlement-chain","head":null,"behind":null}]}
            """;
        Assert.Equal(new WatchedHead(12, 2), Assert.Single((await ReadAsync()).Heads, one => one.Key == "app-chain").Value);
    }

    [Fact]
    public async Task Rates_are_shown_in_dollars_and_with_their_date()
    {
        _answers["/v1/history"] = Rates.ReplaceLineEndings("");
        var facts = new OverviewFacts { At = DateTimeOffset.UnixEpoch, Replicas = [], News = await ReadAsync() };
        var lately = JsonSerializer.SerializeToElement(LatelySection.Of(facts), JsonSerializerOptions.Web);
        Assert.Equal(
            "rates announced: $0.000012 a message, $0.00000000011 a byte and day, $0 for congestion above 1000 messages a minute, " +
            "from 2026-11-27 10:00 UTC",
            Assert.Single(lately.GetProperty("events").EnumerateArray()).GetProperty("what").GetString());

        _answers["/v1/history"] = Rates.ReplaceLineEndings("").Replace("from 1795773600", "from 1", StringComparison.Ordinal);
        facts = facts with { News = await ReadAsync() };
        lately = JsonSerializer.SerializeToElement(LatelySection.Of(facts), JsonSerializerOptions.Web);
        Assert.EndsWith(
            "messages a minute",
            Assert.Single(lately.GetProperty("events").EnumerateArray()).GetProperty("what").GetString(),
            StringComparison.Ordinal);
    }

    private async Task<WatcherNews> ReadAsync()
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(call =>
        {
            if (_answers.TryGetValue(call.Request.Path, out var answer)) return call.Response.WriteAsync(answer);
            call.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        using var reader = new WatcherReader(
            new UncheckedOptions<OperatorOptions>(
                [new ConfigureOptions<OperatorOptions>(options => options.WatcherUrl = server.HttpUrl)], []),
            new FakeTimeProvider());
        reader.Latest();
        await reader.Reading.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return reader.Latest()!;
    }
}
