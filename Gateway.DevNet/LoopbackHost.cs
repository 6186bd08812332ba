using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xmtp.Gateway.DevNet.Nodes;

namespace Xmtp.Gateway.DevNet;

/// <summary>HTTP/1.1 on 127.0.0.1, for those who are on this machine.</summary>
internal static class LoopbackHost
{
    /// <summary>Starts it; when the task ends it answers. Nothing is left of it when it cannot start.</summary>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="add">Adds services.</param>
    /// <param name="map">Maps what it answers.</param>
    /// <param name="cancellationToken">Ends the start.</param>
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
