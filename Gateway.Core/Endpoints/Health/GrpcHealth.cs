using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Hosting.Health;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Xmtp.Gateway.Endpoints.Health;

/// <summary>
/// Watch of <c>grpc.health.v1.Health</c>: reports over gRPC what <c>/readyz</c> reports over HTTP, for the whole server (an
/// empty name) and for each API. Check is served by <see cref="HealthCheck"/>.
/// </summary>
/// <remarks>
/// A watch checks every second, and at once when the gateway begins to stop; it ends when the ports close. All watches
/// share one evaluation, and <see cref="HealthWatchers"/> bounds their number.
/// </remarks>
internal sealed class GrpcHealth(
    HealthReports reports, HealthWatchers watchers, CallAdmission admission, GatewayShutdown shutdown, TimeProvider time)
    : Grpc.Health.V1.Health.HealthBase
{
    /// <inheritdoc/>
    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var place = watchers.TryAdd(admission.ClientOf(context.GetHttpContext()))
            ?? throw new RpcException(
                new Status(StatusCode.ResourceExhausted, "too many watches are open"), new Metadata { { "retry-after", "10" } });
        var known = HealthCheck.Knows(request.Service);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, shutdown.Closing);
        var last = ServingStatus.Unknown;
        while (!timeout.IsCancellationRequested)
        {
            var status = known ? await StatusAsync(CancellationToken.None).ConfigureAwait(false) : ServingStatus.ServiceUnknown;
            if (status != last)
            {
                await responseStream.WriteAsync(
                    new HealthCheckResponse { Status = last = status }, CancellationToken.None).ConfigureAwait(false);
            }
            await PauseAsync(timeout.Token).ConfigureAwait(false);
        }
    }

    private async Task<ServingStatus> StatusAsync(CancellationToken cancellationToken) =>
        (await reports.GetAsync(cancellationToken).ConfigureAwait(false)).Status == HealthStatus.Unhealthy
            ? ServingStatus.NotServing
            : ServingStatus.Serving;

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        // Once the stop has begun, only the closing of the ports needs to wake the watch.
        using var wake = shutdown.Draining.IsCancellationRequested
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken)
            : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, shutdown.Draining);
        await Task.Delay(HealthReports.Every, time, wake.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
