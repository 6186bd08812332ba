using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Hosting;

/// <summary>The common setup of gateway and watcher: settings, log, payer's key, check of both chains, shared store.</summary>
internal static class HostSetup
{
    /// <summary>Adds the setup, and handles command lines that need no host.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="args">The command line.</param>
    /// <param name="table">The program's settings.</param>
    /// <param name="program">The program's name.</param>
    /// <param name="help">Returns the text of <c>--help</c>.</param>
    /// <param name="port">Reads from the configuration the address and port of <c>healthcheck</c>.</param>
    /// <exception cref="GatewayStartException">The arguments request <c>--help</c>, <c>--version</c> or
    /// <c>healthcheck</c>; or this platform has no libsecp256k1.</exception>
    public static void AddHost(
        this WebApplicationBuilder builder,
        IReadOnlyList<string> args,
        SettingTable table,
        string program,
        Func<string> help,
        Func<(string Address, int Port)> port)
    {
        LoopbackDirect.Install();
        if (HealthProbe.IsAsked(args)) throw HealthProbe.Ask(builder.Configuration, args, table, port);
        var line = CommandLine.Read(args, table);
        if (line.Help) throw new GatewayStartException(help());
        if (line.Version) throw new GatewayStartException(HelpText.Version(program));
        CurveCheck.Run();

        SettingConfiguration.AddTo(builder.Configuration, table, line);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(typeof(UncheckedOptions<>));
        services.AddSingleton(table).AddSingleton(line).AddSingleton<StartChecks>().AddSingleton<IStartCheck, ChainCheck>();
        foreach (var group in table.Groups) group.Register(services, builder.Configuration);
        services.AddPayerKey(builder.Configuration).AddSharedStore();
        LogSetup.Apply(builder, table.Group<LogSettings>().Read(builder.Configuration, []));
    }
}
