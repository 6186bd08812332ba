using System.IO.Pipelines;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// Ends the wait for a body that holds memory and arrives too slowly: each 5 s must add a fortieth of what is there, at
/// least 1,200 bytes, and all of it must arrive by the deadline.
/// </summary>
/// <remarks>
/// The server's own data rate is an average since the body began, so a client that has sent much at once could be
/// silent for hours. A body that arrives evenly may take 200 s; no deadline is longer than 100 s. Small bodies are not
/// watched: the server's data rate ends them.
/// </remarks>
internal sealed class BodyProgress : IDisposable
{
    /// <summary>The bytes that a body may hold before it is watched.</summary>
    internal const int Unwatched = 4096;

    private const int MinBytes = 1200;
    private const int Part = 40;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(50);
    private readonly PipeReader _body;
    private readonly PublishDeadline _deadline;
    private readonly ITimer _timer;
    private int _arrived;
    private int _before;
    private volatile PublishError? _fault;

    private BodyProgress(PipeReader body, PublishDeadline deadline, int arrived)
    {
        _body = body;
        _deadline = deadline;
        _arrived = arrived;
        _before = arrived;
        var first = deadline.Remaining + Late < Every ? deadline.Remaining + Late : Every;
        _timer = deadline.Time.CreateTimer(static state => ((BodyProgress)state!).CheckRate(), this, first, Every);
    }

    /// <summary>Why the wait for the body ended; null while it continues.</summary>
    internal PublishError? Fault => _fault;

    /// <summary>Records how many bytes have arrived, and starts to watch a body that is not small.</summary>
    internal static BodyProgress? Update(BodyProgress? progress, PipeReader body, PublishDeadline deadline, int arrived)
    {
        if (progress is null) return arrived < Unwatched ? null : new BodyProgress(body, deadline, arrived);
        Volatile.Write(ref progress._arrived, arrived);
        return progress;
    }

    public void Dispose() => _timer.Dispose();

    private void CheckRate()
    {
        var now = Volatile.Read(ref _arrived);
        if (_deadline.Remaining == TimeSpan.Zero) _fault = MessageLimit.RequestTooSlow;
        else if (now - _before < Math.Max(MinBytes, _before / Part)) _fault = MessageLimit.RequestStalled;
        _before = now;
        if (_fault is not null) _body.CancelPendingRead();
    }
}
