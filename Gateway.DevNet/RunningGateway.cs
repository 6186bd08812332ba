using Microsoft.Extensions.Logging.Console;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Hosting;

namespace Xmtp.Gateway.DevNet;

/// <summary>The gateway of a local network: the stock one, in this process, told by flags where the network is.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningGateway(WebApplication app)
    {
        _app = app;
        var addresses = app.Services.GetRequiredService<GatewayAddresses>();
        Address = new Uri($"http://{addresses.Main}");
        Web = addresses.Http is null ? null : new Uri($"http://{addresses.Http}");
        Metrics = addresses.Metrics is null ? null : new Uri($"http://{addresses.Metrics}");
    }

    public Uri Address { get; }

    public Uri? Web { get; }

    public Uri? Metrics { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts it; when the task ends it answers.</summary>
    /// <exception cref="GatewayStartException">It lists everything that is wrong.</exception>
    public static async Task<RunningGateway> StartAsync(
        DevNetOptions options, Uri chainRpc, Uri chainWebSocket, string? payerKey, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        var extended = builder.AddXmtpGateway([.. Flags(options.Ports, chainRpc, chainWebSocket, payerKey), .. options.GatewayArguments]);
        options.ConfigureGateway?.Invoke(extended);
        builder.AddServiceDefaults();
        // The standard output is for the ready line and what people paste.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (options.ConfigureLogging is not null) options.ConfigureLogging(builder.Logging.ClearProviders());
        var app = builder.Build();
        try
        {
            app.MapXmtpGateway();
            await app.StartAsync(cancellationToken);
            // It answers before it has read the registry; whoever reads "ready" wants to publish at once.
            await app.Services.GetRequiredService<INodeRegistry>().RefreshAsync(cancellationToken);
            return new RunningGateway(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets running calls finish and closes the ports.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private static string[] Flags(DevNetPorts ports, Uri chainRpc, Uri chainWebSocket, string? payerKey) =>
    [
        $"--api.port={ports.Gateway}",
        $"--api.http-port={ports.Web}",
        "--api.bind-address=127.0.0.1",
        "--api.shutdown-delay=0",
        "--log.log-level=warn",
        "--metrics.enable", "--metrics.metrics-address=127.0.0.1", $"--metrics.metrics-port={ports.Metrics}",
        "--contracts.environment=anvil", .. payerKey is null ? Array.Empty<string>() : [$"--payer.private-key={payerKey}"],
        $"--contracts.app-chain.rpc-url={chainRpc}", $"--contracts.app-chain.wss-url={chainWebSocket}",
        $"--contracts.settlement-chain.rpc-url={chainRpc}", $"--contracts.settlement-chain.wss-url={chainWebSocket}",
    ];
}
