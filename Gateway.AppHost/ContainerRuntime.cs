using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace Xmtp.Gateway.AppHost;

/// <summary>Asks whether a container runtime answers, before the model is built.</summary>
/// <remarks>A container without a runtime stays unhealthy, and whoever waits for it waits for ever; so the model has none then.</remarks>
internal static class ContainerRuntime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Whether the model may have containers; says which way it went on the standard error.</summary>
    public static bool LooksForContainers(this IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        if (builder.ExecutionContext.IsPublishMode) return true;
        var there = options.Containers switch
        {
            "yes" => true,
            "no" => false,
            _ => Candidates(builder.Configuration).Any(Answers),
        };
        Console.Error.WriteLine(there
            ? "With containers: Redis, and Anvil with the real contracts, from images. --containers no runs without."
            : "Without containers: Anvil with stand-in contracts from Gateway.DevNet, and a Redis of this machine. A container runtime that runs, or --containers yes, changes that.");
        return there;
    }

    // The variables by which Aspire itself is told; without them it tries these two as well.
    private static string[] Candidates(ConfigurationManager configuration) =>
        (configuration["ASPIRE_CONTAINER_RUNTIME"] ?? configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"]) is { Length: > 0 } chosen ? [chosen] : ["docker", "podman"];

    // `ps` needs the engine, not only its client.
    private static bool Answers(string program)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, ["ps", "--quiet"]) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (process is null) return false;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (process.WaitForExit(Patience)) return process.ExitCode == 0;
            process.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
