using System.Text;
using System.Text.Json;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>A script of <c>e2e</c> in a process of its own: it tells its steps, and waits where the test has something to do.</summary>
public sealed class SdkScript : IAsyncDisposable
{
    private readonly TestProcess _process;
    private readonly StringBuilder _logged = new();

    private SdkScript(TestProcess process) => _process = process;

    /// <summary>Starts a script.</summary>
    /// <param name="sdk">The version of the Node SDK.</param>
    /// <param name="script">Such as <c>node/conversation.mjs</c>.</param>
    /// <param name="arguments">The gateway first.</param>
    public static SdkScript Start(Sdk sdk, string script, params object[] arguments)
    {
        var start = SdkInstallation.Packages.Start(
            SdkInstallation.Of(sdk), script, arguments.Select(argument => $"{argument}".TrimEnd('/')));
        start.RedirectStandardInput = true;
        return new SdkScript(TestProcess.Start(start, TimeSpan.FromMinutes(10)));
    }

    /// <summary>Runs a script to its end, without anything in between.</summary>
    public static async Task RunAsync(Sdk sdk, string script, params object[] arguments)
    {
        await using var running = Start(sdk, script, arguments);
        await running.ExpectAsync("done");
    }

    /// <summary>Waits for a step, past others.</summary>
    public async Task<JsonElement> ExpectAsync(string step)
    {
        while (await _process.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith('@'))
            {
                // What the SDK logs, where SDK_LOG asks for it.
                _logged.AppendLine(line);
                continue;
            }

            var told = JsonElement.Parse(line[1..]);
            var name = told.GetProperty("step").GetString();
            if (name == step) return told;
            if (name == "failed") Assert.Fail($"{told.GetProperty("error").GetString()}{Environment.NewLine}{Rest()}");
        }

        Assert.Fail($"the script ended with {await _process.WaitAsync()} before it came to '{step}': {Rest()}");
        return default;
    }

    /// <summary>Lets it go on from where it waits.</summary>
    /// <param name="word">What it is told.</param>
    public Task ContinueAsync(string word = "go") => _process.Input.WriteLineAsync(word);

    /// <summary>Everything else that it printed.</summary>
    public string Rest() => $"{_logged}{_process.Errors}";

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
