using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>The time limit of a publish: its <c>grpc-timeout</c>, the caller's disconnect, or the stop of the node.</summary>
/// <remarks>
/// The header is hidden from the gRPC library, which would respond DEADLINE_EXCEEDED by itself: a call that is already
/// staged must respond OK.
/// </remarks>
internal sealed class CallLimit : IDisposable
{
    private const string Header = "grpc-timeout";
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _any;
    private readonly CancellationToken _left;

    private CallLimit(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken, CancellationToken stoppingToken)
    {
        _left = cancellationToken;
        _timeout = new CancellationTokenSource(time, clock);
        _any = CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token, cancellationToken, stoppingToken);
    }

    /// <summary>Cancelled by the first of the three.</summary>
    public CancellationToken Token => _any.Token;

    /// <summary>Takes the header from a call and starts the timeout.</summary>
    public static void Begin(HttpContext call, TimeProvider clock, CancellationToken stoppingToken)
    {
        var time = Read(call.Request.Headers[Header]);
        call.Request.Headers.Remove(Header);
        var limit = new CallLimit(time, clock, call.RequestAborted, stoppingToken);
        call.Response.RegisterForDispose(limit);
        call.Features.Set(limit);
    }

    /// <summary>The limit of a call after <see cref="Begin"/>.</summary>
    public static CallLimit Of(HttpContext call) => call.Features.GetRequiredFeature<CallLimit>();

    /// <summary>The error of a call that ended before it was staged.</summary>
    public RpcException Ended() =>
        new(
            new Status(
                _timeout.IsCancellationRequested && !_left.IsCancellationRequested ? StatusCode.DeadlineExceeded : StatusCode.Cancelled,
                "it was not staged yet"));

    /// <summary>Stops the timeout.</summary>
    public void Dispose()
    {
        _any.Dispose();
        _timeout.Dispose();
    }

    // At most 8 digits and a unit; an invalid value means no limit.
    private static TimeSpan Read(string? header)
    {
        if (header is not { Length: > 1 and <= 9 }
            || !long.TryParse(header.AsSpan(0, header.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return Timeout.InfiniteTimeSpan;
        }
        var time = header[^1] switch
        {
            'H' => TimeSpan.FromHours(count),
            'M' => TimeSpan.FromMinutes(count),
            'S' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMilliseconds(count),
            'u' => TimeSpan.FromMicroseconds(count),
            'n' => TimeSpan.FromTicks(count / TimeSpan.NanosecondsPerTick),
            _ => Timeout.InfiniteTimeSpan,
        };
        return time.TotalMilliseconds < int.MaxValue ? time : Timeout.InfiniteTimeSpan;
    }
}
