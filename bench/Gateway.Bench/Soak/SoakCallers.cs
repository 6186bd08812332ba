using System.Collections.Concurrent;
using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Chaos;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Soak;

/// <summary>Callers of several identities that send to each gateway in turn, and to the next one when a call fails.</summary>
internal sealed class SoakCallers : IDisposable
{
    // Groups, and so topics: each node gets some of them.
    private const int Groups = 32;
    private const int MaxInFlight = 65_536;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);
    private readonly List<GrpcChannel> _channels;
    private readonly List<CallInvoker> _gateways;
    private readonly List<Metadata> _headers;
    private readonly List<PublishRequest> _groups =
        [.. Enumerable.Range(0, Groups).Select(_ => PublishRequest.For(new LoadWindow { IsGateway = true, Seconds = 0 }))];
    private readonly ConcurrentDictionary<string, long> _failures = new();
    private long _sent;
    private long _answered;
    private long _commits;
    private long _behind;

    public SoakCallers(IEnumerable<Uri> gateways, IEnumerable<BenchToken> tokens)
    {
        _channels = [.. gateways.Select(Connect)];
        _gateways = [.. _channels.Select(channel => channel.CreateCallInvoker())];
        _headers = [.. tokens.Select(token => new Metadata { { "authorization", "Bearer " + token.Text } })];
    }

    /// <summary>Messages that were sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Messages that were answered.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Commits that were answered.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Messages that were not sent, because too many were waiting for their answers.</summary>
    public long Behind => Interlocked.Read(ref _behind);

    /// <summary>Attempts that failed and were made again, by what they said.</summary>
    public IReadOnlyDictionary<string, long> Failures => _failures;

    /// <summary>Callers that each wait for an answer before they send again: messages a second, after a warm-up.</summary>
    public async Task<double> MeasureHighestAsync(int callers, TimeSpan warmUp, TimeSpan window, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        async Task CallAsync(int number)
        {
            while (!stopping.IsCancellationRequested) await MessageAsync(number, _ => { }, cancellationToken);
        }

        var calling = Task.WhenAll(
            Enumerable.Range(0, callers).Select(number => Task.Run(() => CallAsync(number), cancellationToken)));
        await ChaosFault.WaitAsync(warmUp, cancellationToken);
        var (before, began) = (Answered, Stopwatch.GetTimestamp());
        await ChaosFault.WaitAsync(window, cancellationToken);
        var rate = (Answered - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        await stopping.CancelAsync();
        await calling;
        return rate;
    }

    /// <summary>Sends messages at a rate, until the token of the load is cancelled.</summary>
    /// <param name="rate">Messages a second.</param>
    /// <param name="took">Gets for each message when it was sent, as a timestamp, and then how long its answer took.</param>
    /// <param name="loading">Ends the load; what was sent is waited for.</param>
    /// <param name="cancellationToken">Ends all of it.</param>
    public Task PublishAsync(double rate, Action<long, TimeSpan> took, CancellationToken loading, CancellationToken cancellationToken) =>
        OpenLoop.RunAsync(
            rate,
            MaxInFlight,
            number =>
            {
                var began = Stopwatch.GetTimestamp();
                return MessageAsync(number, time => took(began, time), cancellationToken);
            },
            () => Interlocked.Increment(ref _behind),
            loading);

    /// <summary>Sends commits at a rate, until the token of the load is cancelled, and waits for their answers.</summary>
    public async Task CommitAsync(double rate, CancellationToken loading, CancellationToken cancellationToken)
    {
        List<Task> calls = [];
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1 / rate));
        try
        {
            while (await tick.WaitForNextTickAsync(loading))
            {
                var request = new PublishClientEnvelopesRequest { Envelopes = { CommitEnvelope.New() } }.ToByteArray();
                calls.RemoveAll(call => call.IsCompletedSuccessfully);
                calls.Add(SendAsync(calls.Count, request, _ => Interlocked.Increment(ref _commits), cancellationToken));
            }
        }
        catch (OperationCanceledException) when (loading.IsCancellationRequested)
        {
            // The load ends.
        }

        await Task.WhenAll(calls);
    }

    public void Dispose() => _channels.ForEach(channel => channel.Dispose());

    private static GrpcChannel Connect(Uri url) => GrpcChannel.ForAddress(url, new GrpcChannelOptions
    {
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            // What was opened for calls that waited is closed before connections are counted.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
            UseProxy = false,
            ActivityHeadersPropagator = null,
        },
    });

    private Task MessageAsync(int number, Action<TimeSpan> took, CancellationToken cancellationToken)
    {
        var group = _groups[number % Groups];
        Interlocked.Increment(ref _sent);
        byte[] request;
        lock (group) request = (byte[])group.Renew().Clone();
        return SendAsync(
            number,
            request,
            time =>
            {
                Interlocked.Increment(ref _answered);
                took(time);
            },
            cancellationToken);
    }

    // Again, to the next gateway, until it is answered.
    private async Task SendAsync(int number, byte[] request, Action<TimeSpan> answered, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        for (var attempt = number; ; attempt++)
        {
            try
            {
                var options = new CallOptions(
                    _headers[number % _headers.Count],
                    (TimeProvider.System.GetUtcNow() + CallTimeout).UtcDateTime,
                    cancellationToken);
                using var call = _gateways[attempt % _gateways.Count].AsyncUnaryCall(PublishMethods.ToGateway, null, options, request);
                await call.ResponseAsync;
                answered(Stopwatch.GetElapsedTime(began));
                return;
            }
            catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
            {
                _failures.AddOrUpdate($"{ChaosError.Of(error)}", 1, (_, count) => count + 1);
                // The next gateway is asked at once, and then all of them again.
                if ((attempt - number) % _gateways.Count == _gateways.Count - 1) await ChaosFault.WaitAsync(RetryDelay, cancellationToken);
            }
            catch (RpcException)
            {
                throw new OperationCanceledException(cancellationToken);
            }
        }
    }
}
