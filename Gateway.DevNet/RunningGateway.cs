using Microsoft.Extensions.Logging.Console;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.DevNet;

/// <summary>The gateway of a local network: the standard one, in this process, configured by flags for the network.</summary>
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

    /// <summary>Starts the gateway; it serves requests when the task completes.</summary>
    /// <exception cref="GatewayStartException">There are faults; the exception lists all of them.</exception>
    public static async Task<RunningGateway> StartAsync(
        DevNetOptions options, Uri chainRpc, Uri chainWebSocket, string? payerKey, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        var extended = builder.AddXmtpGateway([.. Flags(options.Ports, chainRpc, chainWebSocket, payerKey), .. options.GatewayArguments]);
        options.ConfigureGateway?.Invoke(extended);
        builder.AddServiceDefaults();
        // The standard output is reserved for the ready line and the sample request.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (options.ConfigureLogging is not null) options.ConfigureLogging(builder.Logging.ClearProviders());
        var app = builder.Build();
        try
        {
            app.MapXmtpGateway();
            await app.StartAsync(cancellationToken);
            await FirstReading.RunAsync(app.Services, cancellationToken);
            return new RunningGateway(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for running calls and closes the ports.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    /// <summary>The faults of the flags that are passed on to the gateway, before anything is started.</summary>
    public static IReadOnlyList<string> FlagFaults(DevNetOptions options)
    {
        var table = GatewaySettings.Table();
        // The chain's addresses are known once it runs; these are only right by form.
        var (http, socket) = (options.Chain ?? new Uri("http://127.0.0.1:8545"), new Uri("ws://127.0.0.1:8545"));
        var key = GatewayPayer.IsInFile(options.GatewayArguments) ? null : DevAccounts.PrivateKeys[1];
        var line = CommandLine.Read([.. Flags(options.Ports, http, socket, key), .. options.GatewayArguments], table);
        if (line.Faults.Count > 0) return line.Faults;
        using var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables();
        SettingConfiguration.AddTo(configuration, table, line);
        var services = new ServiceCollection();
        foreach (var group in table.Groups) group.Register(services, configuration);
        using var provider = services.BuildServiceProvider();
        return [.. table.Groups.SelectMany(group => group.Faults(provider)).Distinct()];
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
