using System.Diagnostics;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>A process that faults are injected into: it can be killed, paused, terminated and started again.</summary>
/// <param name="name">Its name in messages.</param>
/// <param name="launch">Starts the process.</param>
/// <param name="wait">Waits until it serves, and returns false when it ended before.</param>
internal sealed class ChaosProcess(
    string name, Func<ChildProcess> launch, Func<ChildProcess, CancellationToken, Task<bool>> wait) : IAsyncDisposable
{
    private static readonly TimeSpan MaxStop = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);
    private const int MaxStarts = 20;
    private ChildProcess? _process;

    /// <summary>Its process id; null while it does not run.</summary>
    public int? Id => _process?.Id;

    /// <summary>Its last lines, for an error message.</summary>
    public string LastLines => _process?.LastLines ?? "";

    /// <summary>
    /// Starts it and waits until it serves. One that ends before, since what it needs is unavailable, is started again, as
    /// supervisors do.
    /// </summary>
    /// <exception cref="BenchFailure">It ended each time.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var starts = 1; ; starts++)
        {
            _process = launch();
            if (await wait(_process, cancellationToken)) return;
            if (starts == MaxStarts) throw new BenchFailure($"{name} ends whenever it is started:\n{LastLines}");
            await KillAsync();
            await ChaosFault.WaitAsync(RestartDelay, cancellationToken);
        }
    }

    /// <summary>Ends it by SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process) return;
        var id = process.Id;
        await process.DisposeAsync();
        ChaosClock.Clean(id);
        _process = null;
    }

    /// <summary>Ends it by SIGTERM, and waits until it is gone.</summary>
    public async Task TerminateAsync(CancellationToken cancellationToken)
    {
        if (_process is not { } process) return;
        await SignalAsync(process, "TERM");
        var since = TimeProvider.System.GetTimestamp();
        while (!process.HasExited)
        {
            if (TimeProvider.System.GetElapsedTime(since) > MaxStop)
                throw new BenchFailure($"{name} does not end on SIGTERM:\n{LastLines}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        await KillAsync();
    }

    /// <summary>Stops it by SIGSTOP, with every connection open, and continues it.</summary>
    public async Task PauseAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        if (_process is not { } process) return;
        await SignalAsync(process, "STOP");
        try
        {
            await ChaosFault.WaitAsync(duration, cancellationToken);
        }
        finally
        {
            await SignalAsync(process, "CONT");
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private static async Task SignalAsync(ChildProcess process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }
}
