using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// A program that a test starts. Both outputs are read from the start, and each wait has an end: then the program is
/// ended, and the test fails with what the program said.
/// </summary>
public sealed class TestProcess : IAsyncDisposable
{
    private static readonly TimeSpan UntilItIsGone = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _name;
    private readonly TimeSpan _limit;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _read;

    private TestProcess(Process process, string name, TimeSpan limit)
    {
        _process = process;
        _name = name;
        _limit = limit;
        _read = Task.WhenAll(ReadAsync(process.StandardOutput, _output, _lines.Writer), ReadAsync(process.StandardError, _errors, null));
    }

    /// <summary>How long one wait may take, unless something else is said: much more than any takes on a free machine.</summary>
    public static TimeSpan MaxLifetime { get; } = TimeSpan.FromMinutes(5);

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public StreamWriter Input => _process.StandardInput;

    /// <summary>What it wrote to its output so far.</summary>
    public string Output => TextOf(_output);

    /// <summary>What it wrote to its error output so far.</summary>
    public string Errors => TextOf(_errors);

    public static TestProcess Start(string program, params IEnumerable<string> arguments) =>
        Start(new ProcessStartInfo(program, arguments));

    /// <summary>Starts it; both outputs are redirected.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="limit">How long one wait may take; null takes <see cref="MaxLifetime"/>.</param>
    public static TestProcess Start(ProcessStartInfo start, TimeSpan? limit = null)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return new TestProcess(Process.Start(start)!, string.Join(' ', start.ArgumentList.Prepend(start.FileName)), limit ?? MaxLifetime);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(ProcessStartInfo start, TimeSpan? limit = null)
    {
        await using var running = Start(start, limit);
        return (await running.WaitAsync(), running.Output, running.Errors);
    }

    /// <summary>The next line of its output; null when there are no more.</summary>
    public Task<string?> ReadLineAsync() => WithinLimitAsync("the next line", async token =>
        await _lines.Reader.WaitToReadAsync(token) && _lines.Reader.TryRead(out var line) ? line : null);

    /// <summary>Reads lines of its output until one that this is true for, and returns all of them.</summary>
    public async Task<IReadOnlyList<string>> ReadUntilAsync(Func<string, bool> isLast)
    {
        var seen = new List<string>();
        while (await ReadLineAsync() is { } line)
        {
            seen.Add(line);
            if (isLast(line)) return seen;
        }

        throw Failed($"ended with {await WaitAsync()} before it said what was waited for");
    }

    /// <summary>Sends a signal, such as TERM.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await WithinLimitAsync("kill", async token =>
        {
            await kill.WaitForExitAsync(token);
            return true;
        });
    }

    /// <summary>Waits for its end, and returns the exit code.</summary>
    public async Task<int> WaitAsync()
    {
        await WithinLimitAsync("its end", async token =>
        {
            await _process.WaitForExitAsync(token);
            return true;
        });

        try
        {
            await _read.WaitAsync(UntilItIsGone, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            // What it started holds its outputs open for longer than it lives.
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        using var timeout = new CancellationTokenSource(UntilItIsGone);
        await _process.WaitForExitAsync(timeout.Token);
        _process.Dispose();
    }

    private static string TextOf(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    private static async Task ReadAsync(StreamReader from, StringBuilder text, ChannelWriter<string>? lines)
    {
        try
        {
            while (await from.ReadLineAsync() is { } line)
            {
                lock (text) text.AppendLine(line);
                lines?.TryWrite(line);
            }
        }
        catch (Exception exception)
            when (exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The process was disposed of.
        }
        finally
        {
            lines?.TryComplete();
        }
    }

    private async Task<T> WithinLimitAsync<T>(string what, Func<CancellationToken, Task<T>> wait)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(_limit);
        try
        {
            return await wait(timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            Kill();
            throw Failed($"was waited for ({what}) for too long, {_limit} at most");
        }
    }

    private void Kill()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
    }

    private Xunit.Sdk.FailException Failed(string why) =>
        Xunit.Sdk.FailException.ForFailure($"{_name} {why}:{Environment.NewLine}{Output}{Errors}");
}
