using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting;

/// <summary>Gives the log its level and form.</summary>
internal static class LogSetup
{
    private static readonly string[] Chatty = ["Microsoft.AspNetCore", "Microsoft.Hosting.Lifetime", "Grpc", "System.Net.Http"];

    /// <summary>
    /// Applies the options; a rule for one category in appsettings.json (<c>Logging:LogLevel</c>) goes on counting for
    /// it.
    /// </summary>
    public static void Apply(WebApplicationBuilder builder, LogOptions options)
    {
        var level = Level(options.Level);
        builder.Logging.AddFilter((string?)null, level);
        foreach (var category in Chatty)
        {
            builder.Logging.AddFilter(
                category, level < LogLevel.Information ? LogLevel.Information : level > LogLevel.Warning ? level : LogLevel.Warning);
        }
        // Its lines, two a request, are below the level anyway; as long as it is on at all, each request gets an activity and a scope too.
        if (level >= LogLevel.Information) builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // It tells each connection and each try; that the shared store went, and that it is back, is told once by ourselves.
        if (level >= LogLevel.Information) builder.Logging.AddFilter("StackExchange.Redis", LogLevel.None);
        // It would write a line for each failed check of each probe; the probes' answers say the same.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
        if (options.Encoding == "json") builder.Logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
        else builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
    }

    /// <summary>The level of one of the original's words.</summary>
    public static LogLevel Level(string word) => word switch
    {
        "debug" => LogLevel.Debug,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "dpanic" or "panic" or "fatal" => LogLevel.Critical,
        _ => LogLevel.Information,
    };
}
