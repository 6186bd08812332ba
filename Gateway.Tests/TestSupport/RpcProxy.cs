using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A JSON-RPC endpoint in front of a real chain, with faults between: a real server on a real socket.</summary>
public sealed class RpcProxy : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly HttpClient client = new();
    private readonly Uri target;

    private RpcProxy(WebApplication server, Uri target) => (this.server, this.target) = (server, target);

    /// <summary>A fault: gets the method and how to ask the chain; answers a body, or null to break the connection off.</summary>
    public Func<string, JsonElement, Func<Task<string>>, Task<string?>> Fault { get; set; } = (_, _, forward) => Pass(forward);

    public Uri Url => new(server.Urls.Single());

    public static async Task<RpcProxy> StartAsync(Uri target)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var proxy = new RpcProxy(builder.Build(), target);
        proxy.server.Run(proxy.ServeAsync);
        await proxy.server.StartAsync();
        return proxy;
    }

    public static async Task<string?> Pass(Func<Task<string>> forward) => await forward();

    /// <summary>An error answer.</summary>
    public static Task<string?> Error(int code, string message) =>
        Task.FromResult<string?>(JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 0, error = new { code, message } }));

    /// <summary>A result.</summary>
    public static Task<string?> Result(string result) => Task.FromResult<string?>(JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 0, result }));

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        client.Dispose();
    }

    private async Task ServeAsync(HttpContext call)
    {
        using var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body, call.RequestAborted);
        using var request = JsonDocument.Parse(body.ToArray());
        var root = request.RootElement;
        var answer = await Fault(root.GetProperty("method").GetString()!, root.GetProperty("params"), () => ForwardAsync(body.ToArray()));
        if (answer is null)
        {
            call.Abort();
            return;
        }

        // Faults do not know the id of the request that they answer.
        var id = root.GetProperty("id").GetRawText();
        call.Response.ContentType = "application/json";
        await call.Response.WriteAsync(answer.Replace("\"id\":0", $"\"id\":{id}", StringComparison.Ordinal));
    }

    private async Task<string> ForwardAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        using var response = await client.PostAsync(target, content);
        return await response.Content.ReadAsStringAsync();
    }
}
