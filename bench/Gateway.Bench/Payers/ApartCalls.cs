using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>The callers of two payers: messages of both at one rate, and commits of the one that gets into trouble.</summary>
/// <param name="url">The gateway.</param>
/// <param name="rate">Messages a second of each payer.</param>
internal sealed class ApartCalls(string url, double rate) : IDisposable
{
    private const int MaxInFlight = 256;
    private const int MessagesPerCommit = 5;
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Ramp = TimeSpan.FromSeconds(2);

    // A connection each, as callers of two apps have.
    private readonly GrpcChannel[] _channels = [Connect(url), Connect(url)];

    /// <summary>What a call of a payer's caller carries.</summary>
    public static CallOptions OptionsOf(int payer, CancellationToken cancellationToken) => new(
        new Metadata { { PayersFolder.Header, PayersFolder.CallerKey(payer) } },
        deadline: (TimeProvider.System.GetUtcNow() + MaxDuration).UtcDateTime,
        cancellationToken: cancellationToken);

    /// <summary>A commit that nobody published before.</summary>
    public static byte[] NewCommit() => new PublishClientEnvelopesRequest { Envelopes = { CommitEnvelope.New() } }.ToByteArray();

    /// <summary>Lets both call, and measures the one that is well.</summary>
    /// <param name="seconds">How long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BenchFailure">A call of it was refused.</exception>
    public async Task<LoadFigures> MeasureAsync(double seconds, CancellationToken cancellationToken)
    {
        var record = new LoadRecord();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] loads =
        [
            Run(rate, _ => CallAsync(ApartStage.Measured, NewMessage, record), () => record.Failed("too many calls in flight")),
            Run(rate, _ => CallAsync(ApartStage.Troubled, NewMessage, null), () => { }),
            Run(rate / MessagesPerCommit, _ => CallAsync(ApartStage.Troubled, NewCommit, null), () => { }),
        ];
        await Task.Delay(Ramp, TimeProvider.System, cancellationToken);
        var opened = record.Open();
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken);
        var elapsed = record.Close(opened);
        await stopping.CancelAsync();
        await Task.WhenAll(loads);
        var figures = record.Figures(elapsed, default, 0);
        return figures.Failures == 0 ? figures : throw new BenchFailure($"a call of the other payer failed: {figures.FirstFailure}");

        Task Run(double perSecond, Func<int, Task> call, Action behind) =>
            OpenLoop.RunAsync(perSecond, MaxInFlight, call, behind, stopping.Token);
    }

    public void Dispose() => Array.ForEach(_channels, channel => channel.Dispose());

    private static byte[] NewMessage() => PublishRequest.For(new LoadWindow { IsGateway = true, Seconds = 0 }).Renew();

    private static GrpcChannel Connect(string url) => GrpcChannel.ForAddress(url, new GrpcChannelOptions
    {
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false },
    });

    // Refusals of the payer in trouble are what is expected.
    private async Task CallAsync(int payer, Func<byte[]> request, LoadRecord? record)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var call = _channels[payer].CreateCallInvoker().AsyncUnaryCall(
                PublishMethods.ToGateway, null, OptionsOf(payer, CancellationToken.None), request());
            await call.ResponseAsync;
            record?.Answered(Stopwatch.GetTimestamp() - start);
        }
        catch (RpcException refused)
        {
            record?.Failed(refused.Status.ToString());
        }
    }
}
