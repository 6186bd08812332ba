using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Transactions;

/// <summary>Logs that a transaction could not be signed or stored; at most one line in 10 s.</summary>
internal sealed partial class SubmissionFaults(TimeProvider time, ILogger<SubmissionFaults> logger)
{
    private readonly LogThrottle _lines = new(TimeSpan.FromSeconds(10), time);

    internal void Log(Exception exception)
    {
        if (_lines.TryPass(out var suppressed)) LogFailed(logger, suppressed, exception);
    }

    [LoggerMessage(
        EventId = EventIds.TransactionNotSubmitted,
        Level = LogLevel.Error,
        Message = "a transaction could not be signed or stored ({Suppressed} such lines suppressed since the last one)")]
    private static partial void LogFailed(ILogger logger, long suppressed, Exception exception);
}
