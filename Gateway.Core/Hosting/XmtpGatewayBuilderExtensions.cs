using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Endpoints.Health;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.MultiPayer;
using Xmtp.Gateway.Notifications;
using Xmtp.Gateway.Operator;
using Xmtp.Gateway.Publishing.Pipeline;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds an XMTP gateway to an application.</summary>
public static class XmtpGatewayBuilderExtensions
{
    /// <summary>
    /// Adds a gateway that is configured by the arguments given to <c>WebApplication.CreateBuilder(args)</c>, by
    /// variables, and by appsettings.json.
    /// </summary>
    public static XmtpGatewayBuilder AddXmtpGateway(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddXmtpGateway(CommandLine.ArgumentsOf(builder.Configuration));
    }

    /// <summary>Adds a gateway that is configured by these arguments, by variables, and by appsettings.json.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="args">Flags such as <c>--api.port=5050</c>; a flag overrides its variable.</param>
    /// <exception cref="GatewayStartException">This platform has no libsecp256k1.</exception>
    public static XmtpGatewayBuilder AddXmtpGateway(this WebApplicationBuilder builder, IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(args);
        return Add(builder, args, ownsProcess: true);
    }

    /// <summary>Adds a gateway.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="args">Flags.</param>
    /// <param name="ownsProcess">Whether the process is this gateway, whose signals it may then take.</param>
    internal static XmtpGatewayBuilder Add(WebApplicationBuilder builder, IReadOnlyList<string> args, bool ownsProcess)
    {
        var table = GatewaySettings.Table();
        builder.AddHost(args, table, ownsProcess);
        builder.AddHosting(table);
        builder.ConfigureGatewayListeners();
        var services = builder.Services.AddGatewayHealth(table.Group<ApiSettings>().Read(builder.Configuration, []))
            .AddChangeNotifications()
            .AddEndpoints();
        if (table.Group<PayersSettings>().IsGiven(builder.Configuration)) services.AddSeveralPayers();
        else services.AddPayer();
        var gateway = new XmtpGatewayBuilder(builder.Services);
        return table.Group<AuthSettings>().Read(builder.Configuration, []).Allowlist is { Count: > 0 } listed
            ? gateway.AddAllowlist(listed)
            : gateway;
    }

    private static void AddPayer(this IServiceCollection services) => services.AddIdentity()
        .AddPublishAuthorization()
        .AddPublishing()
        .AddBroadcastNetwork()
        .AddAppChain()
        .AddMoney()
        .AddSettledBudgets()
        .AddOperatorPage();

    /// <summary>Maps the gateway's endpoints: gRPC, gRPC-Web, Connect, health, and metrics.</summary>
    /// <remarks>A gateway whose configuration has faults maps nothing: its start lists them all.</remarks>
    public static WebApplication MapXmtpGateway(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.Services.GetRequiredService<IHostLifetime>() is not GatewayLifetime)
        {
            throw new InvalidOperationException(
                "Another IHostLifetime was registered after AddXmtpGateway: the start checks would not run. Register it before.");
        }
        if (app.Services.GetRequiredService<StartChecks>().ConfigurationFaults().Count > 0) return app;
        app.UseMetricsPort();
        app.MapGatewayHealth();
        return app.MapEndpoints();
    }
}
