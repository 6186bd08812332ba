using System.Diagnostics;
using Xmtp.Gateway.DevNet;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>The local network as people start it: a process that prints, and is stopped by a signal.</summary>
public sealed class DevNetProcess : IAsyncDisposable
{
    private readonly TestProcess _process;

    private DevNetProcess(TestProcess process) => _process = process;

    public string Errors => _process.Errors;

    public static DevNetProcess Start(params string[] arguments) => Start(new Dictionary<string, string>(), arguments);

    public static DevNetProcess Start(Dictionary<string, string> variables, params string[] arguments)
    {
        var program = Path.ChangeExtension(typeof(DevNetwork).Assembly.Location, "dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]);
        foreach (var (name, value) in variables) start.Environment[name] = value;
        return new DevNetProcess(TestProcess.Start(start));
    }

    /// <summary>Reads lines until one that this is true for, and returns all of them.</summary>
    public Task<IReadOnlyList<string>> ReadUntilAsync(Func<string, bool> last, CancellationToken cancellationToken) =>
        _process.ReadUntilAsync(last).WaitAsync(cancellationToken);

    /// <summary>Sends a signal, such as TERM, and waits for the end.</summary>
    public async Task<int> SignalAsync(string signal, CancellationToken cancellationToken)
    {
        await _process.SignalAsync(signal);
        return await WaitAsync(cancellationToken);
    }

    /// <summary>Waits for the end.</summary>
    public Task<int> WaitAsync(CancellationToken cancellationToken) => _process.WaitAsync().WaitAsync(cancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
