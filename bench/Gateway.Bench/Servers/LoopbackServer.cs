using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xmtp.Gateway.Endpoints.Listening;

namespace Xmtp.Gateway.Bench.Servers;

/// <summary>A quiet HTTP/2 server on a free loopback port that lives as long as the benchmark that started it.</summary>
internal static class LoopbackServer
{
    /// <summary>A builder that listens on a port and logs only what is wrong.</summary>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="certificate">What it shows clients over TLS; null for plaintext.</param>
    public static WebApplicationBuilder CreateBuilder(int port = 0, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton<IStartupFilter, ReusedStreams>();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowAlternateSchemes = true;
            kestrel.Limits.MaxRequestBodySize = MaxMessageSize;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                if (certificate is not null) listen.UseHttps(certificate);
            });
        });
        return builder;
    }

    /// <summary>25 MiB, as the gateway allows.</summary>
    public const int MaxMessageSize = 25 * 1024 * 1024;

    /// <summary>Prints <c>ready URL</c>, and serves until standard input ends: when the benchmark dies, this dies.</summary>
    public static async Task<int> ServeAsync(WebApplication app, CancellationToken cancellationToken)
    {
        await app.StartAsync(cancellationToken);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Console.Out.WriteLine($"ready {addresses.Addresses.Single()}");
        while (await Console.In.ReadLineAsync(cancellationToken) is not null) { }
        await app.StopAsync(CancellationToken.None);
        return 0;
    }
}
