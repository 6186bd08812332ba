using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Calls a method and turns an exception into an error that exposes no internals.</summary>
internal sealed partial class CallRunner(TimeProvider time, ILogger<CallRunner> logger)
{
    private static readonly Reply TooLate = Reply.Failed(
        PublishErrorKind.DeadlineExceeded, "the deadline passed before the call could start");

    /// <summary>The clock of the deadlines.</summary>
    internal TimeProvider Time => time;

    /// <summary>Serves a call whose message was read.</summary>
    internal async ValueTask<Reply> RunAsync(
        IUnaryMethod method, ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity? caller, PublishDeadline deadline)
    {
        if (deadline.Remaining == TimeSpan.Zero) return TooLate;
        try
        {
            return await method.InvokeAsync(request, call, caller, deadline).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // the last handler: the exception goes to the log, not to the caller
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var error = PublishFaults.Of(exception, call.RequestAborted);
            if (error == PublishFaults.Internal) LogFault(logger, exception, method.Name);
            return Reply.Failed(error);
        }
    }

    [LoggerMessage(EventIds.CallRunnerFault, LogLevel.Error, "{Method} threw")]
    private static partial void LogFault(ILogger logger, Exception exception, string method);
}
