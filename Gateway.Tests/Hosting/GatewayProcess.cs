using System.Diagnostics;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>The stock gateway as operators start it: a process with a command line, variables, two outputs and an exit code.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly TestProcess _process;

    private GatewayProcess(TestProcess process) => _process = process;

    public static GatewayProcess Start(IEnumerable<string> args, Dictionary<string, string>? variables = null) =>
        new(TestProcess.Start(Program(args, variables)));

    /// <summary>Runs it to its end.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args) =>
        TestProcess.RunAsync(Program(args, null));

    /// <summary>Runs it to its end with these variables.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(Dictionary<string, string> variables, params string[] args) =>
        TestProcess.RunAsync(Program(args, variables));

    public int Id => _process.Id;

    /// <summary>Whether it ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote to the error output so far.</summary>
    public string Errors => _process.Errors;

    /// <summary>Reads the log until a line has this text, and returns that line.</summary>
    public async Task<string> ReadUntilAsync(string text) =>
        (await _process.ReadUntilAsync(line => line.Contains(text, StringComparison.Ordinal)))[^1];

    /// <summary>Reads the log until a line has this text, and returns all lines up to it.</summary>
    public Task<IReadOnlyList<string>> ReadLinesUntilAsync(string text) =>
        _process.ReadUntilAsync(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Sends a signal, such as INT.</summary>
    public Task SignalAsync(string signal) => _process.SignalAsync(signal);

    /// <summary>Waits for the end.</summary>
    public Task<int> WaitAsync() => _process.WaitAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static ProcessStartInfo Program(IEnumerable<string> args, Dictionary<string, string>? variables)
    {
        var start = StockProgram.Start(args);
        start.WorkingDirectory = AppContext.BaseDirectory;
        foreach (var (name, value) in variables ?? []) start.Environment[name] = value;
        return start;
    }
}
