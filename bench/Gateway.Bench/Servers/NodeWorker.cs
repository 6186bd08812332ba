using System.Diagnostics;

namespace Xmtp.Gateway.Bench.Servers;

/// <summary>
/// The work of a real node, as time: one worker takes the calls one after the other, each for a fixed time and a time for each envelope.
/// It costs no processor.
/// </summary>
internal sealed class NodeWorker : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<(long Due, TaskCompletionSource Done)> _queue = new();
    private readonly AutoResetEvent _more = new(false);
    private readonly long _callTicks;
    private readonly long _envelopeTicks;
    private long _freeAt;
    private volatile bool _isDisposed;

    /// <summary>Starts it.</summary>
    public NodeWorker(TimeSpan call, TimeSpan envelope)
    {
        _callTicks = Ticks(call);
        _envelopeTicks = Ticks(envelope);
        new Thread(Run) { IsBackground = true, Name = "the node's worker" }.Start();
    }

    /// <summary>Reads a time such as <c>500us</c> or <c>2ms</c>.</summary>
    /// <exception cref="BenchFailure">It is none.</exception>
    public static TimeSpan ReadTime(string text) =>
        text.EndsWith("us", StringComparison.Ordinal) && double.TryParse(text[..^2], out var micros) ? TimeSpan.FromMicroseconds(micros)
        : text.EndsWith("ms", StringComparison.Ordinal) && double.TryParse(text[..^2], out var millis) ? TimeSpan.FromMilliseconds(millis)
        : throw new BenchFailure($"'{text}' is no time: expected one such as 500us or 2ms");

    /// <summary>Ends when the worker has done a call.</summary>
    public Task DoAsync(int envelopes)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _freeAt = Math.Max(_freeAt, Stopwatch.GetTimestamp()) + _callTicks + envelopes * _envelopeTicks;
            _queue.Enqueue((_freeAt, done));
        }
        _more.Set();
        return done.Task;
    }

    /// <summary>Stops; what it has not done is never done.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _more.Set();
    }

    // It looks once a millisecond. The times are not rounded: who is late is done at the next look, and the next one is not later.
    private void Run()
    {
        while (!_isDisposed)
        {
            if (TakeDue() is { } done) done.SetResult();
            else if (IsIdle()) _more.WaitOne();
            else _more.WaitOne(1);
        }
        _more.Dispose();
    }

    private TaskCompletionSource? TakeDue()
    {
        lock (_gate)
            return _queue.TryPeek(out var first) && first.Due <= Stopwatch.GetTimestamp() ? _queue.Dequeue().Done : null;
    }

    private bool IsIdle()
    {
        lock (_gate) return _queue.Count == 0;
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
