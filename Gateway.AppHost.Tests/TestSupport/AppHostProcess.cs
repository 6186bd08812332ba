using System.Diagnostics;

namespace Xmtp.Gateway.AppHost.Tests.TestSupport;

/// <summary>The AppHost as people and tools start it to publish: a process that writes files and ends.</summary>
internal static class AppHostProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Publishes into a folder of its own and gives the folder. What has to be said gets a value that no file may contain.</summary>
    public static async Task<string> PublishAsync(params string[] args)
    {
        var (exitCode, folder, said) = await RunAsync(new() { ["AZURE_ALLOW_ALL"] = "true" }, args);
        Assert.True(exitCode == 0, $"it ended with {exitCode}:{Environment.NewLine}{said}");
        return folder;
    }

    /// <summary>The same, with variables of one's own, and with whatever end: its exit code, the folder, and all that it said.</summary>
    public static async Task<(int ExitCode, string Folder, string Said)> RunAsync(Dictionary<string, string> variables, params string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("xmtp-gateway-publish-").FullName;
        var program = Path.Combine(AppContext.BaseDirectory, "Gateway.AppHost.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. args.Select(arg => arg.Replace("OUT", folder, StringComparison.Ordinal))])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Values that are given are kept in the home folder: in this one.
            Environment = { ["HOME"] = folder + "-home", ["USERPROFILE"] = folder + "-home", ["DOTNET_CLI_HOME"] = folder + "-home" },
        };
        foreach (var name in new[] { "payer_private_key", "app_chain_rpc_url", "app_chain_wss_url", "settlement_chain_rpc_url", "settlement_chain_wss_url" })
            start.Environment[$"Parameters__{name}"] = $"a-secret-{name}";
        foreach (var (name, value) in variables) start.Environment[name] = value;

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, folder, await output + await errors);
    }
}
