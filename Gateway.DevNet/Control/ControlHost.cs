using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xmtp.Gateway.DevNet.Nodes;

namespace Xmtp.Gateway.DevNet.Control;

/// <summary>Controls a network's nodes from this machine over HTTP: sets and clears faults, kills and starts nodes.</summary>
/// <remarks>
/// <code>
/// GET    /nodes              every node: id, address, whether it runs, how many envelopes are staged, its faults
/// GET    /nodes/100/faults
/// PUT    /nodes/100/faults   replaces all of them; the body is JSON
/// DELETE /nodes/100/faults   removes all of them
/// POST   /nodes/100/kill, /nodes/100/start, /nodes/100/restart
/// </code>
/// Requests that a browser sends from another site's page are refused.
/// </remarks>
internal sealed class ControlHost : IAsyncDisposable
{
    private readonly WebApplication _host;

    private ControlHost(WebApplication host)
    {
        _host = host;
        Address = new Uri(host.Urls.First());
    }

    /// <summary>The address it listens on.</summary>
    public Uri Address { get; }

    /// <summary>Starts the host; it serves requests when the task completes.</summary>
    /// <param name="port">The port on 127.0.0.1; 0 picks a free one.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<ControlHost> StartAsync(int port, IReadOnlyList<DevNode> nodes, CancellationToken cancellationToken) =>
        new(await LoopbackHost.StartAsync(port, _ => { }, host => Map(host, nodes), cancellationToken));

    /// <summary>Closes the port.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await _host.DisposeAsync();
    }

    private static void Map(WebApplication app, IReadOnlyList<DevNode> nodes)
    {
        app.Use((call, next) =>
        {
            if (call.Request.Headers.Origin.Count == 0 && call.Request.Host.Host is ("127.0.0.1" or "localhost")) return next(call);
            call.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        app.UseRouting();
        app.MapGet("/nodes", call => WriteAsync(call, new JsonArray([.. nodes.Select(Describe)])));
        Map(app, nodes, HttpMethods.Get, "faults", (_, _) => Task.CompletedTask);
        Map(app, nodes, HttpMethods.Put, "faults", async (node, call) => node.Faults = await ReadAsync(call));
        Map(app, nodes, HttpMethods.Delete, "faults", (node, _) =>
        {
            node.Faults = NodeFaults.None;
            return Task.CompletedTask;
        });
        Map(app, nodes, HttpMethods.Post, "kill", (node, _) => node.KillAsync());
        Map(
            app,
            nodes,
            HttpMethods.Post,
            "start",
            (node, call) => node.IsRunning ? Task.CompletedTask : node.RestartAsync(call.RequestAborted));
        Map(app, nodes, HttpMethods.Post, "restart", (node, call) => node.RestartAsync(call.RequestAborted));
    }

    private static void Map(
        WebApplication app, IReadOnlyList<DevNode> nodes, string method, string what, Func<DevNode, HttpContext, Task> act) =>
        app.MapMethods($"/nodes/{{id}}/{what}", [method], async call =>
        {
            var id = $"{call.Request.RouteValues["id"]}";
            if (nodes.FirstOrDefault(node => node.Id.ToString(CultureInfo.InvariantCulture) == id) is not { } node)
            {
                await RefuseAsync(call, StatusCodes.Status404NotFound, $"no node has the id {id}");
                return;
            }

            try
            {
                await act(node, call);
                await WriteAsync(call, what == "faults" ? FaultsJson.Write(node.Faults) : Describe(node));
            }
            catch (Exception exception) when (exception is FormatException or JsonException)
            {
                await RefuseAsync(
                    call, StatusCodes.Status400BadRequest, exception is FormatException ? exception.Message : "expected JSON");
            }
            catch (IOException exception)
            {
                await RefuseAsync(call, StatusCodes.Status409Conflict, exception.Message);
            }
        });

    private static async Task<NodeFaults> ReadAsync(HttpContext call)
    {
        using var json = await JsonDocument.ParseAsync(call.Request.Body, cancellationToken: call.RequestAborted);
        return FaultsJson.Read(json.RootElement);
    }

    private static JsonObject Describe(DevNode node) => new()
    {
        ["id"] = node.Id,
        ["address"] = $"{node.Address}".TrimEnd('/'),
        ["running"] = node.IsRunning,
        ["staged"] = node.Staged,
        ["faults"] = FaultsJson.Write(node.Faults),
    };

    private static Task RefuseAsync(HttpContext call, int status, string error)
    {
        call.Response.StatusCode = status;
        return WriteAsync(call, new JsonObject { ["error"] = error });
    }

    private static Task WriteAsync(HttpContext call, JsonNode json)
    {
        call.Response.ContentType = "application/json";
        return call.Response.WriteAsync(json.ToJsonString() + "\n", call.RequestAborted);
    }
}
