using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting;

/// <summary>Configures the level and the format of the log.</summary>
internal static class LogSetup
{
    private static readonly string[] Verbose = ["Microsoft.AspNetCore", "Microsoft.Hosting.Lifetime", "Grpc", "System.Net.Http"];

    // Not Kestrel.BadRequests: its lines quote a header that cannot be read, which may have a token.
    private const string Http2 = "Microsoft.AspNetCore.Server.Kestrel.Http2";

    /// <summary>
    /// Applies the options; a rule for a single category in appsettings.json (<c>Logging:LogLevel</c>) stays in force.
    /// </summary>
    public static void Apply(WebApplicationBuilder builder, LogOptions options)
    {
        var level = Level(options.Level);
        builder.Logging.AddFilter((string?)null, level);
        foreach (var category in Verbose)
        {
            builder.Logging.AddFilter(
                category, level < LogLevel.Information ? LogLevel.Information : level > LogLevel.Warning ? level : LogLevel.Warning);
        }
        // At debug it says what a client did wrong with a connection, in a few lines each.
        if (level < LogLevel.Information) builder.Logging.AddFilter(Http2, level);
        // Its two lines per request are below the level anyway; while the category is enabled, each request also gets
        // an activity and a scope.
        if (level >= LogLevel.Information) builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // It logs each connection and each attempt; the gateway logs once when the shared store is lost and once when
        // it is back.
        if (level >= LogLevel.Information) builder.Logging.AddFilter("StackExchange.Redis", LogLevel.None);
        // It would log each failed check of each probe; the probes' responses say the same.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
        if (options.Encoding == "json")
        {
            // Without AddConsoleFormatter, which binds options by reflection; this one has none.
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ConsoleFormatter, JsonLogFormatter>());
            builder.Logging.AddConsole(console => console.FormatterName = JsonLogFormatter.FormatterName);
        }
        else builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
    }

    /// <summary>The level for a level name of the original.</summary>
    public static LogLevel Level(string word) => word switch
    {
        "debug" => LogLevel.Debug,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "dpanic" or "panic" or "fatal" => LogLevel.Critical,
        _ => LogLevel.Information,
    };
}
