using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;

namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>Fails a publish before it is checked, according to the node's faults.</summary>
internal sealed class PublishFaultMiddleware(RequestDelegate next, NodeFaultState faults, IHostApplicationLifetime lifetime)
{
    /// <summary>Whether a call is a publish, under either name of the service.</summary>
    public static bool Publishes(HttpContext call) =>
        call.Request.Path.Value is { } path && path.EndsWith("/PublishPayerEnvelopes", StringComparison.Ordinal);

    /// <summary>Handles one call.</summary>
    public async Task InvokeAsync(HttpContext call)
    {
        if (!Publishes(call) || faults.NextBeforeStaging() is not { } fault)
        {
            await next(call);
            return;
        }

        await call.Request.Body.CopyToAsync(Stream.Null, call.RequestAborted);
        switch (fault.Kind)
        {
            case PublishFaultKind.Answer:
                call.Response.ContentType = call.Request.ContentType;
                call.Response.Headers["grpc-status"] = ((int)fault.Code).ToString(CultureInfo.InvariantCulture);
                call.Response.Headers["grpc-message"] = Uri.EscapeDataString(NodeErrorTexts.Of(fault.Code, fault.Message));
                break;
            case PublishFaultKind.Page:
                call.Response.StatusCode = fault.HttpStatus;
                call.Response.ContentType = "text/html";
                await call.Response.WriteAsync("<html><body>simulated</body></html>", call.RequestAborted);
                break;
            default:
                await InterruptAsync(fault, call, lifetime.ApplicationStopping);
                break;
        }
    }

    /// <summary>Fails a call that is already staged.</summary>
    /// <exception cref="RpcException">The fault is an answer.</exception>
    public static Task AfterStagingAsync(PublishFault fault, HttpContext call, CancellationToken stoppingToken) => fault.Kind switch
    {
        PublishFaultKind.Answer => throw new RpcException(new Status(fault.Code, fault.Message)),
        _ => InterruptAsync(fault, call, stoppingToken),
    };

    private static async Task InterruptAsync(PublishFault fault, HttpContext call, CancellationToken stoppingToken)
    {
        if (fault.Kind == PublishFaultKind.Reset)
        {
            call.Features.Get<IConnectionLifetimeFeature>()?.Abort();
            call.Abort();
            return;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(call.RequestAborted, stoppingToken);
        await Task.Delay(Timeout.Infinite, timeout.Token)
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        call.Abort();
    }
}
