using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xmtp.Gateway.DevNet.Nodes;

namespace Xmtp.Gateway.DevNet;

/// <summary>An HTTP/1.1 host on 127.0.0.1, for clients on this machine.</summary>
internal static class LoopbackHost
{
    /// <summary>Starts a host; it serves requests when the task completes. On failure it is disposed.</summary>
    /// <param name="port">The port; 0 picks a free one.</param>
    /// <param name="add">Adds services.</param>
    /// <param name="map">Maps the endpoints.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<WebApplication> StartAsync(
        int port, Action<IServiceCollection> add, Action<WebApplication> map, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>().AddRoutingCore();
        add(builder.Services);
        var host = builder.Build();
        try
        {
            map(host);
            await host.StartAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }
}
