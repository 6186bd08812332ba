using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>A gateway that was built from flags, variables and settings of its own, and may never start.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    public const string Key = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

    /// <summary>What is enough for every option to be right.</summary>
    public static readonly string[] Enough =
    [
        "--payer.private-key", Key, "--contracts.environment", "anvil",
        "--contracts.app-chain.rpc-url", "http://127.0.0.1:1", "--contracts.settlement-chain.rpc-url", "http://127.0.0.1:1",
        "--contracts.start-timeout=1ms", "--api.port=0", "--api.http-port=0", "--api.bind-address=127.0.0.1", "--api.shutdown-delay=0",
    ];

    private GatewayUnderTest(WebApplication app, CapturedLogs logs)
    {
        App = app;
        Logs = logs;
    }

    public WebApplication App { get; }

    public CapturedLogs Logs { get; }

    /// <summary>Builds it. Settings are appsettings.json's keys, or variables by their names.</summary>
    public static GatewayUnderTest Build(
        IEnumerable<string> args,
        Dictionary<string, string?>? settings = null,
        Action<WebApplicationBuilder>? before = null,
        Action<XmtpGatewayBuilder>? after = null)
    {
        var builder = WebApplication.CreateBuilder();
        var logs = new CapturedLogs();
        builder.Configuration.AddInMemoryCollection(settings);
        before?.Invoke(builder);
        var gateway = builder.AddXmtpGateway([.. args]);
        builder.Logging.ClearProviders().AddProvider(logs);
        after?.Invoke(gateway);
        return new GatewayUnderTest(builder.Build(), logs);
    }

    public T Options<T>()
        where T : class => App.Services.GetRequiredService<IOptions<T>>().Value;

    /// <summary>Starts it, and returns the faults that it refuses to start with; none when it started.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync()
    {
        try
        {
            App.MapXmtpGateway();
            await App.StartAsync(TestContext.Current.CancellationToken);
            return [];
        }
        catch (GatewayStartException exception)
        {
            return exception.Faults;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
    }
}
