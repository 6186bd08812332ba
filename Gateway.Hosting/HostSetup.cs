using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Hosting;

/// <summary>The common setup of gateway and watcher: settings, log, payer's key, check of both chains, shared store.</summary>
internal static class HostSetup
{
    /// <summary>Adds the setup.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="args">The command line; a command of <see cref="HostCommands"/> in it is a fault.</param>
    /// <param name="table">The program's settings.</param>
    /// <param name="ownsProcess">
    /// Whether the process is this host: then a closed terminal ends it, and its start and its end are logged as the program's.
    /// </param>
    /// <exception cref="GatewayStartException">This platform has no libsecp256k1.</exception>
    public static void AddHost(
        this WebApplicationBuilder builder, IReadOnlyList<string> args, SettingTable table, bool ownsProcess = true)
    {
        LoopbackDirect.Install();
        CurveCheck.Run();

        var line = CommandLine.Read(args, table);
        SettingConfiguration.AddTo(builder.Configuration, table, line);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(typeof(UncheckedOptions<>));
        services.AddSingleton(table).AddSingleton(line).AddSingleton<StartChecks>().AddSingleton<IStartCheck, ChainCheck>();
        foreach (var group in table.Groups) group.Register(services, builder.Configuration);
        if (ownsProcess) services.AddHostedService<ProgramLog>().AddHostedService<HangupSignal>();
        services.AddPayerKey(builder.Configuration).AddSharedStore();
        LogSetup.Apply(builder, table.Group<LogSettings>().Read(builder.Configuration, []));
    }
}
