using System.Diagnostics;
using System.Text;
using Xmtp.Gateway.DevNet;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>The local network as people start it: a process that prints, and is stopped by a signal.</summary>
public sealed class DevNetProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder errors = new();

    private DevNetProcess(Process process)
    {
        this.process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors) errors.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    public string Errors
    {
        get
        {
            lock (errors) return errors.ToString();
        }
    }

    public static DevNetProcess Start(params string[] arguments)
    {
        var program = Path.ChangeExtension(typeof(DevNetwork).Assembly.Location, "dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        return new DevNetProcess(Process.Start(start)!);
    }

    /// <summary>Reads lines until one that this is true for, and returns all of them.</summary>
    public async Task<IReadOnlyList<string>> ReadUntilAsync(Func<string, bool> last, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            lines.Add(line);
            if (last(line)) return lines;
        }

        throw new InvalidOperationException($"it ended before that:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}{Environment.NewLine}{Errors}");
    }

    /// <summary>Sends a signal, such as TERM, and waits for the end.</summary>
    public async Task<int> SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
        return await WaitAsync(cancellationToken);
    }

    /// <summary>Waits for the end.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
