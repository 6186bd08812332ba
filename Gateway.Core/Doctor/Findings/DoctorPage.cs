using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>The doctor's report of a running gateway, as JSON on the metrics port: <c>/debug/doctor</c>.</summary>
/// <remarks>
/// One examination at a time, which all who ask meanwhile get, and for 10 s after it: it asks the chains, the nodes and Redis.
/// </remarks>
internal sealed class DoctorPage(IServiceProvider services, TimeProvider time)
{
    internal const string Path = "/debug/doctor";
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Task<string>? _latest;
    private long _ended;

    /// <summary>Serves <c>GET /debug/doctor</c>.</summary>
    internal static async Task ServeAsync(HttpContext call)
    {
        var report = await call.RequestServices.GetRequiredService<DoctorPage>().ExamineAsync()
            .WaitAsync(call.RequestAborted).ConfigureAwait(false);
        call.Response.ContentType = "application/json";
        await call.Response.WriteAsync(report, call.RequestAborted).ConfigureAwait(false);
    }

    private Task<string> ExamineAsync()
    {
        lock (_gate)
        {
            if (_latest is { IsCompleted: false } || (_latest is { IsCompletedSuccessfully: true } && time.GetElapsedTime(_ended) < MaxAge))
                return _latest;
            return _latest = Task.Run(RunAsync);
        }
    }

    private async Task<string> RunAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        var examination = await GatewayExamination.RunAsync(services, isRunning: true, timeout.Token).ConfigureAwait(false);
        _ended = time.GetTimestamp();
        return new DoctorReport(examination).ToJson();
    }
}
