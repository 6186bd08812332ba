using System.Diagnostics;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>The parts of a run; they end in the reverse order.</summary>
internal sealed class StartedParts : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _started = new();

    /// <summary>Adds a part that runs.</summary>
    public T Add<T>(T part)
        where T : IAsyncDisposable
    {
        _started.Push(part);
        return part;
    }

    /// <summary>Starts a command of this program, which prints <c>ready</c> and where it listens, and drains what it prints then.</summary>
    public async Task<(ChildProcess Process, string Url)> StartServerAsync(
        string name, ProcessStartInfo start, CancellationToken cancellationToken)
    {
        var process = Add(ChildProcess.Start(name, start));
        var url = await process.WaitForReadyAsync(cancellationToken);
        _ = process.DrainAsync(CancellationToken.None);
        return (process, url);
    }

    /// <summary>Starts the process that calls. Its answers are read line by line, so it is not drained.</summary>
    public async Task<ChildProcess> StartGeneratorAsync(CancellationToken cancellationToken)
    {
        var generator = Add(ChildProcess.Start("the load generator", DotnetProgram.Bench("load")));
        await generator.WaitForReadyAsync(cancellationToken);
        return generator;
    }

    /// <summary>Starts a stage; nothing of it is left when a part fails.</summary>
    /// <param name="stage">The stage, of which nothing has started.</param>
    /// <param name="startAsync">Starts its parts.</param>
    public static async Task<T> StartAllAsync<T>(T stage, Func<T, Task> startAsync)
        where T : IAsyncDisposable
    {
        try
        {
            await startAsync(stage);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var one)) await one.DisposeAsync();
    }
}
