using System.Collections.Concurrent;
using System.Diagnostics;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>A process that the benchmark started, and ends by its id.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int LinesKept = 40;
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxRest = TimeSpan.FromSeconds(1);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lastLines = new();
    private readonly TextWriter? _log;
    private Task _draining = Task.CompletedTask;

    private ChildProcess(string name, Process process, string? log)
    {
        Name = name;
        _process = process;
        // Not disposed: the last lines may come after the process has ended.
        _log = log is null ? null : TextWriter.Synchronized(new StreamWriter(log, append: true) { AutoFlush = true });
    }

    /// <summary>What it is called in messages.</summary>
    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts it.</summary>
    /// <param name="name">Its name in errors.</param>
    /// <param name="start">The program, its arguments and its variables.</param>
    /// <param name="log">The file that what it prints is appended to; null for none.</param>
    /// <exception cref="BenchFailure">It did not start.</exception>
    public static ChildProcess Start(string name, ProcessStartInfo start, string? log = null)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        var child = new ChildProcess(name, Process.Start(start) ?? throw new BenchFailure($"{name} did not start"), log);
        child._process.ErrorDataReceived += (_, line) => child.Keep(line.Data);
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for the line <c>ready …</c>.</summary>
    /// <returns>What follows that word.</returns>
    public async Task<string> WaitForReadyAsync(CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(MaxStartTime);
        try
        {
            while (await ReadLineAsync(late.Token) is { } line)
                if (line.StartsWith("ready", StringComparison.Ordinal)) return line["ready".Length..].Trim();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchFailure($"{Name} was not ready after a minute:\n{LastLines}");
        }
        throw new BenchFailure($"{Name} ended before it was ready:\n{LastLines}");
    }

    /// <summary>What it said last, for an error message.</summary>
    public string LastLines => string.Join('\n', _lastLines);

    /// <summary>The same; when it has ended, after all that it said was read.</summary>
    public async Task<string> LastLinesAsync()
    {
        if (_process.HasExited)
            await Task.WhenAny(Task.WhenAll(_process.WaitForExitAsync(), _draining), Task.Delay(MaxRest, TimeProvider.System));
        return LastLines;
    }

    /// <summary>The next line that it prints; null at the end.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        Keep(line);
        return line;
    }

    /// <summary>Sends it a line.</summary>
    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Reads away what it prints from now on, so that a full pipe never stops it.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) => _draining = ReadUnavailableAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadUnavailableAsync(CancellationToken cancellationToken)
    {
        while (await ReadLineAsync(cancellationToken) is not null) { }
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        _log?.WriteLine(line);
        _lastLines.Enqueue(line);
        while (_lastLines.Count > LinesKept) _lastLines.TryDequeue(out _);
    }
}
