using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.AppHost.Terminal;

namespace Xmtp.Gateway.AppHost;

/// <summary>Checks whether a container runtime is available, before the model is built.</summary>
/// <remarks>
/// Without a runtime a container stays unhealthy, and resources that wait for it wait forever; so the model then has no
/// containers.
/// </remarks>
internal static class ContainerRuntime
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Whether the model may have containers; writes the choice and its reason to standard error.</summary>
    public static bool FindContainerRuntime(this IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        if (builder.ExecutionContext.IsPublishMode) return true;
        var candidates = Candidates(builder.Configuration);
        var (there, why) = options.Containers switch
        {
            "yes" => (true, "--containers yes"),
            "no" => (false, "--containers no"),
            _ => LookAsync(candidates).GetAwaiter().GetResult(),
        };
        Console.Error.WriteLine(there
            ? $"With containers ({why}): Redis, and Anvil with the real contracts, from images. --containers no runs without."
            : $"Without containers ({why}): Anvil with stand-in contracts from Gateway.DevNet, and a Redis of this machine. Start " +
                $"a container runtime, or pass --containers yes, to use containers.");

        // Inserted before the orchestrator's own service, whose start lasts until containers run.
        if (there)
        {
            builder.Services.Insert(
                0, ServiceDescriptor.Singleton<IHostedService>(_ => new RuntimeWatch(() => LookAsync(candidates), TimeProvider.System)));
        }
        return there;
    }

    // Aspire's own variables for the runtime; without them it also tries these two.
    private static string[] Candidates(ConfigurationManager configuration) =>
        (configuration["ASPIRE_CONTAINER_RUNTIME"] ?? configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"]) is { Length: > 0 } chosen
            ? [chosen]
            : ["docker", "podman"];

    // All are called at once: a runtime that hangs costs one timeout, not the sum.
    private static async Task<(bool There, string Why)> LookAsync(string[] programs)
    {
        var answers = await Task.WhenAll(programs.Select(AskAsync));
        return answers.FirstOrDefault(answer => answer.There) is { There: true } answer
            ? answer
            : (false, string.Join("; ", answers.Select(each => each.Why)));
    }

    // `ps` needs the engine, not only the client.
    private static async Task<(bool There, string Why)> AskAsync(string program)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, ["ps", "--quiet"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var timeout = new CancellationTokenSource(AnswerTimeout);
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
                var errors = await process.StandardError.ReadToEndAsync(timeout.Token);
                await output;
                await process.WaitForExitAsync(timeout.Token);
                return process.ExitCode == 0 ? (true, $"{program} answers") : (false, $"{program} has no engine: {FirstLine(errors)}");
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return (false, $"{program} did not answer within {AnswerTimeout.TotalSeconds:0} s");
            }
        }
        catch (Win32Exception)
        {
            return (false, $"{program} is not installed");
        }
    }

    private static string FirstLine(string text) => text.Trim().Split('\n')[0].TrimEnd() is { Length: > 0 } line ? line : "`ps` failed";
}
