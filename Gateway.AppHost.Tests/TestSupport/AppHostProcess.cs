using System.Diagnostics;
using System.Text;

namespace Xmtp.Gateway.AppHost.Tests.TestSupport;

/// <summary>The AppHost as people and tools start it: a process that prints, and ends.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private event Action? Said;

    private AppHostProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it printed until now, on both of its outputs.</summary>
    public string Output
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    /// <summary>Starts it, with a program folder that stands before everything on the PATH.</summary>
    public static AppHostProcess Start(string[] args, string? programs = null, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Gateway.AppHost.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        if (programs is not null) start.Environment["PATH"] = programs + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        return new AppHostProcess(start);
    }

    /// <summary>
    /// Publishes into a folder of its own and gives the folder. What has to be said gets a value that no file may
    /// contain.
    /// </summary>
    public static async Task<string> PublishAsync(params string[] args)
    {
        var (exitCode, folder, said) = await RunAsync(new() { ["AZURE_ALLOW_ALL"] = "true" }, args);
        Assert.True(exitCode == 0, $"it ended with {exitCode}:{Environment.NewLine}{said}");
        return folder;
    }

    /// <summary>The same, with variables of one's own, and with whatever end: its exit code, the folder, and all that it said.</summary>
    public static async Task<(int ExitCode, string Folder, string Said)> RunAsync(
        Dictionary<string, string> variables, params string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("xmtp-gateway-publish-").FullName;
        // Values that are given are kept in the home folder: in this one.
        var homes = new[] { "HOME", "USERPROFILE", "DOTNET_CLI_HOME" }.Select(name => (name, folder + "-home"));
        var secrets = new[]
        {
            "payer_private_key",
            "app_chain_rpc_url",
            "app_chain_wss_url",
            "settlement_chain_rpc_url",
            "settlement_chain_wss_url",
        }.Select(
            name => ($"Parameters__{name}", $"a-secret-{name}"));
        await using var run = Start(
            [.. args.Select(arg => arg.Replace("OUT", folder, StringComparison.Ordinal))],
            programs: null,
            [.. homes, .. secrets, .. variables.Select(variable => (variable.Key, variable.Value))]);
        return (await run.EndAsync(), folder, run.Output);
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var timeout = Limit();
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"it does not end:{Environment.NewLine}{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Waits until it prints a text.</summary>
    public async Task SaysAsync(string text)
    {
        using var timeout = Limit();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Output.Contains(text, StringComparison.Ordinal)) seen.TrySetResult();
        }

        Said += Look;
        Look();
        await Task.WhenAny(seen.Task, _process.WaitForExitAsync(timeout.Token));
        Said -= Look;
        Look();
        Assert.True(seen.Task.IsCompleted, $"it does not say '{text}':{Environment.NewLine}{Output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // The orchestrator ends with it, and what it started.
            using var terminate = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await _process.WaitForExitAsync(timeout.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static CancellationTokenSource Limit()
    {
        var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(WaitTimeout);
        return timeout;
    }

    private void Add(string? line)
    {
        if (line is null) return;
        lock (_said) _said.AppendLine(line);
        Said?.Invoke();
    }
}
