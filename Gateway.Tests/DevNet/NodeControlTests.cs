using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using Xmtp.Gateway.DevNet.Control;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class NodeControlTests : IAsyncLifetime
{
    private DevNode _node = null!;
    private ControlHost _control = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await DevNode.StartAsync(new DevNodeOptions { NodeId = 100 }, Cancel);
        _control = await ControlHost.StartAsync(0, [_node], Cancel);
        _http = new HttpClient { BaseAddress = _control.Address };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _control.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"workerDelayMs":3000,"viewDelayMs":500}""")]
    [InlineData(
        """{"workerStuck":true,"storageUnavailable":true,"validationUnavailable":true,"ratesStale":""" +
        """true,"indexerStuck":true,"originatorHidden":true,"replicationStopped":true,"databaseReadOnly":true,"otherNode":true}""")]
    [InlineData("""{"beforeStaging":{"answer":"Unavailable","message":"why","calls":3,"every":10},"afterStaging":{"reset":true}}""")]
    [InlineData("""{"beforeStaging":{"page":403},"afterStaging":{"hang":true}}""")]
    [InlineData("{}")]
    public async Task Faults_are_read_back_as_they_were_written_and_take_each_others_place(string faults)
    {
        _node.Faults = new NodeFaults { BeforeStaging = PublishFault.Page(500) };
        Assert.Equal(faults, await PutAsync(faults, HttpStatusCode.OK));
        Assert.Equal(faults, (await _http.GetStringAsync(new Uri("/nodes/100/faults", UriKind.Relative), Cancel)).Trim());
        await _http.DeleteAsync(new Uri("/nodes/100/faults", UriKind.Relative), Cancel);
        Assert.Equal(NodeFaults.None, _node.Faults);
    }

    [Fact]
    public async Task A_status_is_named_as_gRPC_names_it_or_by_its_number()
    {
        foreach (var code in new[] { "\"INVALID_ARGUMENT\"", "3", "\"InvalidArgument\"" })
        {
            await PutAsync($$$"""{"beforeStaging":{"answer":{{{code}}},"message":"no"}}""", HttpStatusCode.OK);
            var answer = await PublishAsync();
            Assert.Equal((StatusCode.InvalidArgument, "no"), (answer.Status, answer.Message));
        }
    }

    [Theory]
    [InlineData("""{"workerDelay":3}""", "workerDelay: not known")]
    [InlineData("""{"workerDelayMs":-1}""", "workerDelayMs: expected a whole number from 0")]
    [InlineData("""{"workerStuck":1}""", "workerStuck: expected true or false")]
    [InlineData("""{"beforeStaging":true}""", "beforeStaging: expected an object")]
    [InlineData("""{"beforeStaging":{"calls":1}}""", "beforeStaging: expected answer, reset, hang or page")]
    [InlineData("""{"beforeStaging":{"answer":"OK"}}""", "answer: expected a status of gRPC")]
    [InlineData("""{"afterStaging":{"page":403}}""", "afterStaging.page: not known here")]
    [InlineData("""{"afterStaging":{"reset":true,"every":0}}""", "every: expected a whole number from 1")]
    [InlineData("[]", "expected an object")]
    [InlineData("{", "expected JSON")]
    public async Task What_is_wrong_is_named_and_changes_nothing(string faults, string error)
    {
        Assert.Contains(error, JsonNode.Parse(await PutAsync(faults, HttpStatusCode.BadRequest))!["error"]!.GetValue<string>());
        Assert.Equal(NodeFaults.None, _node.Faults);
    }

    [Fact]
    public async Task A_node_is_killed_and_started_and_its_state_is_shown()
    {
        _node.Faults = new NodeFaults { WorkerStuck = true };
        var call = PublishAsync();
        await Eventually.IsAsync(() => _node.Staged == 1, "it is staged");
        Assert.Equal((true, 1), await StateAsync());
        await PostAsync("kill");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => call);
        Assert.Equal((false, 1), await StateAsync());
        _node.Faults = NodeFaults.None;
        await PostAsync("start");
        await Eventually.IsAsync(() => _node.Store.Count == 1, "it is inserted");
        await PostAsync("restart");
        Assert.Equal((true, 0), await StateAsync());
        Assert.Equal(StatusCode.OK, (await PublishAsync()).Status);
    }

    [Fact]
    public async Task Pages_of_other_sites_and_unknown_nodes_are_refused()
    {
        using var foreign = new HttpRequestMessage(HttpMethod.Post, new Uri("/nodes/100/kill", UriKind.Relative))
        {
            Headers = { { "Origin", "https://example.org" } },
        };
        Assert.Equal(HttpStatusCode.Forbidden, (await _http.SendAsync(foreign, Cancel)).StatusCode);
        using var rebound = new HttpRequestMessage(HttpMethod.Post, new Uri("/nodes/100/kill", UriKind.Relative))
        {
            Headers = { Host = "example.org" },
        };
        Assert.Equal(HttpStatusCode.Forbidden, (await _http.SendAsync(rebound, Cancel)).StatusCode);
        Assert.True(_node.IsRunning);
        Assert.Equal(
            HttpStatusCode.NotFound, (await _http.PostAsync(new Uri("/nodes/300/kill", UriKind.Relative), null, Cancel)).StatusCode);
    }

    private async Task<string> PutAsync(string faults, HttpStatusCode status)
    {
        using var body = new StringContent(faults, Encoding.UTF8, "application/json");
        using var answer = await _http.PutAsync(new Uri("/nodes/100/faults", UriKind.Relative), body, Cancel);
        Assert.Equal(status, answer.StatusCode);
        return (await answer.Content.ReadAsStringAsync(Cancel)).Trim();
    }

    private async Task PostAsync(string what) =>
        Assert.Equal(HttpStatusCode.OK, (await _http.PostAsync(new Uri($"/nodes/100/{what}", UriKind.Relative), null, Cancel)).StatusCode);

    private async Task<(bool Running, int Staged)> StateAsync()
    {
        var state = Assert.Single((await _http.GetFromJsonAsync<JsonArray>(new Uri("/nodes", UriKind.Relative), Cancel))!)!;
        Assert.Equal((100, $"{_node.Address}".TrimEnd('/')), (state["id"]!.GetValue<int>(), state["address"]!.GetValue<string>()));
        return (state["running"]!.GetValue<bool>(), state["staged"]!.GetValue<int>());
    }

    private Task<RawPublish> PublishAsync() => RawPublish.PublishAsync(_node.Address, null, Payers.Sign(Envelopes.Welcome(), 100));
}
