using System.Collections.Concurrent;
using System.Diagnostics;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>A process that the benchmark started, and ends by its id.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int LinesKept = 40;
    private readonly Process process;
    private readonly string name;
    private readonly ConcurrentQueue<string> lastLines = new();

    private ChildProcess(string name, Process process) => (this.name, this.process) = (name, process);

    public int Id => process.Id;

    /// <summary>Starts it and hands over each line that it prints, until <paramref name="isReady"/> says that it is up.</summary>
    /// <returns>The process, and the line that said so.</returns>
    public static async Task<(ChildProcess Process, string ReadyLine)> StartAsync(
        string name, ProcessStartInfo start, Func<string, bool> isReady, CancellationToken cancellationToken)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        var child = new ChildProcess(name, Process.Start(start) ?? throw new BenchFailure($"{name} did not start"));
        try
        {
            child.process.ErrorDataReceived += (_, line) => child.Keep(line.Data);
            child.process.BeginErrorReadLine();
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            late.CancelAfter(TimeSpan.FromSeconds(60));
            while (await child.ReadLineAsync(late.Token) is { } line)
                if (isReady(line)) return (child, line);
            throw new BenchFailure($"{name} ended before it was ready:\n{child.LastLines}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await child.DisposeAsync();
            throw new BenchFailure($"{name} was not ready after a minute:\n{child.LastLines}");
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>What it said last, for an error message.</summary>
    public string LastLines => string.Join('\n', lastLines);

    /// <summary>The next line that it prints; null at the end.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        Keep(line);
        return line;
    }

    /// <summary>Sends it a line.</summary>
    public Task WriteLineAsync(string line) => process.StandardInput.WriteLineAsync(line);

    /// <summary>Reads away what it prints from now on, so that a full pipe never stops it.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (await ReadLineAsync(cancellationToken) is not null) { }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lastLines.Enqueue(line);
        while (lastLines.Count > LinesKept) lastLines.TryDequeue(out _);
    }
}
