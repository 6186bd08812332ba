using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.DevNet.Nodes;

namespace Xmtp.Gateway.DevNet.Page;

/// <summary>
/// Serves the demo on its own port: two users of the browser SDK, and what became of each message in the network.
/// </summary>
internal sealed class PageHost : IAsyncDisposable
{
    private readonly WebApplication _host;

    private PageHost(WebApplication host)
    {
        _host = host;
        Address = new Uri(host.Urls.First());
    }

    /// <summary>The address it listens on.</summary>
    public Uri Address { get; }

    /// <summary>Starts the host; it serves requests when the task completes.</summary>
    /// <param name="port">The port on 127.0.0.1; 0 picks a free one.</param>
    /// <param name="gateway">The gateway to which the page's users publish.</param>
    /// <param name="store">The store of one of the nodes.</param>
    /// <param name="rpc">The App Chain.</param>
    /// <param name="gasPrice">What an amount of the App Chain's coin is worth.</param>
    /// <param name="progress">Called when the SDK is installed.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<PageHost> StartAsync(
        int port,
        Uri gateway,
        EnvelopeStore store,
        EthereumRpc rpc,
        Func<Wei, Picodollars> gasPrice,
        Action<string> progress,
        CancellationToken cancellationToken) =>
        new(
            await LoopbackHost.StartAsync(
                port,
                services => services.AddSingleton(_ => new PublishedEnvelopes(store, rpc, gasPrice))
                    .AddSingleton(_ => new PageBundle(progress)),
                host => Map(host, gateway),
                cancellationToken));

    /// <summary>Closes the port.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await _host.DisposeAsync();
    }

    private static void Map(WebApplication app, Uri gateway)
    {
        var (envelopes, bundle) = (app.Services.GetRequiredService<PublishedEnvelopes>(), app.Services.GetRequiredService<PageBundle>());
        app.UseRouting();
        app.MapGet("/", async context =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.BodyWriter.WriteAsync(PageBundle.Html, context.RequestAborted);
        });
        app.MapGet(
            "/network.json",
            context => context.Response.WriteAsJsonAsync(new { gateway = $"{gateway}".TrimEnd('/') }, context.RequestAborted));
        app.MapGet(
            "/envelopes.json",
            async context => await context.Response.WriteAsJsonAsync(
                await envelopes.ListAsync(context.RequestAborted), context.RequestAborted));
        app.MapGet("/page.js", context => SendFileAsync(context, bundle, "page.js", "text/javascript"));
        // The SDK requests its worker without the file extension.
        app.MapGet("/workers/client", context => SendFileAsync(context, bundle, "workers/client.js", "text/javascript"));
        foreach (var wasm in new[] { "bindings_wasm_bg.wasm", "workers/bindings_wasm_bg.wasm" })
            app.MapGet($"/{wasm}", context => SendFileAsync(context, bundle, wasm, "application/wasm"));
    }

    private static async Task SendFileAsync(HttpContext context, PageBundle bundle, string file, string type)
    {
        try
        {
            var folder = await bundle.FindOrMakeAsync(context.RequestAborted);
            context.Response.ContentType = type;
            await context.Response.SendFileAsync(Path.Combine(folder, file), context.RequestAborted);
        }
        catch (DevNetException exception)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync(exception.Message, context.RequestAborted);
        }
    }
}
