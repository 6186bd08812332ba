using System.Diagnostics;
using Xmtp.Gateway.Hosting;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>The stock gateway as operators start it: a process with a command line, variables, two outputs and an exit code.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process process;

    private GatewayProcess(Process process) => this.process = process;

    public static GatewayProcess Start(IEnumerable<string> args, Dictionary<string, string>? variables = null)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "xmtp-gateway.dll");
        Assert.True(File.Exists(program), $"{program} is missing beside {typeof(GatewayStartException).Assembly.Location}");
        var start = new ProcessStartInfo("dotnet", [program, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory };
        foreach (var (name, value) in variables ?? []) start.Environment[name] = value;
        return new GatewayProcess(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args)
    {
        await using var gateway = Start(args);
        var output = gateway.process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = gateway.process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        return (await gateway.WaitAsync(), await output, await errors);
    }

    /// <summary>Its id.</summary>
    public int Id => process.Id;

    /// <summary>Whether it ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>Reads the log until a line has this text.</summary>
    /// <returns>That line.</returns>
    public async Task<string> ReadUntilAsync(string text)
    {
        var read = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            read.Add(line);
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        }

        throw new InvalidOperationException($"it ended before it said '{text}': {string.Join('\n', read)}{await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
    }

    /// <summary>Reads away what it says from now on, so that a full pipe never stops it.</summary>
    public async Task DrainAsync()
    {
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is not null)
        {
        }

        await errors;
    }

    /// <summary>Sends a signal, such as INT.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for the end.</summary>
    public async Task<int> WaitAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
