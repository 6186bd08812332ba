using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Callers that publish at a steady rate and send an envelope again, to any gateway, until it is answered. One of ten
/// sends an answered envelope once more, as SDKs do that lost the answer.
/// </summary>
internal sealed class ChaosCallers : IDisposable
{
    private const int EnvelopeSize = 512;
    private const int RepeatEvery = 10;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(300);
    private readonly List<GrpcChannel> _channels;
    private readonly ConcurrentQueue<ChaosPublish> _history = new();

    public ChaosCallers(IEnumerable<Uri> gateways) => _channels = [.. gateways.Select(url => GrpcChannel.ForAddress(url))];

    /// <summary>Everything that was published.</summary>
    public IReadOnlyCollection<ChaosPublish> History => _history;

    /// <summary>Publishes until the token of the load is cancelled.</summary>
    /// <param name="rate">Publishes a second.</param>
    /// <param name="loading">Ends the load; what was begun goes on.</param>
    /// <param name="cancellationToken">Ends all of it.</param>
    /// <returns>Completes when every envelope is answered.</returns>
    public async Task RunAsync(double rate, CancellationToken loading, CancellationToken cancellationToken)
    {
        List<Task> calls = [];
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1 / rate));
        try
        {
            while (await tick.WaitForNextTickAsync(loading))
                calls.Add(PublishAsync(New(calls.Count), calls.Count % RepeatEvery == 0, cancellationToken));
        }
        catch (OperationCanceledException) when (loading.IsCancellationRequested)
        {
            // The load ends.
        }

        await Task.WhenAll(calls);
    }

    /// <summary>Publishes one message and one commit at each gateway.</summary>
    /// <exception cref="OperationCanceledException">One was not answered before the token was cancelled.</exception>
    public Task PublishEverywhereAsync(CancellationToken cancellationToken) => Task.WhenAll(_channels.SelectMany(channel =>
        new[] { New(0), New(1) }.Select(publish => PublishAsync(publish, () => channel, cancellationToken))));

    public void Dispose()
    {
        foreach (var channel in _channels) channel.Dispose();
    }

    private ChaosPublish New(int number)
    {
        var publish = number % 2 == 0
            ? new ChaosPublish(CommitEnvelope.New(), isCommit: true)
            : new ChaosPublish(BenchEnvelope.Create(EnvelopeSize, []), isCommit: false);
        _history.Enqueue(publish);
        return publish;
    }

    private async Task PublishAsync(ChaosPublish publish, bool isRepeated, CancellationToken cancellationToken)
    {
        await PublishAsync(publish, Any, cancellationToken);
        if (isRepeated) await PublishAsync(publish, Any, cancellationToken);
    }

    private GrpcChannel Any() => _channels[Random.Shared.Next(_channels.Count)];

    private static async Task PublishAsync(ChaosPublish publish, Func<GrpcChannel> gateway, CancellationToken cancellationToken)
    {
        var request = new PublishClientEnvelopesRequest { Envelopes = { publish.Envelope } };
        while (true)
        {
            try
            {
                var answer = await new PayerApi.PayerApiClient(gateway()).PublishClientEnvelopesAsync(
                    request,
                    deadline: (TimeProvider.System.GetUtcNow() + CallTimeout).UtcDateTime,
                    cancellationToken: cancellationToken);
                publish.Answer(answer.OriginatorEnvelopes.Single());
                return;
            }
            catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
            {
                publish.Fail(error);
                await Task.Delay(RetryDelay, TimeProvider.System, cancellationToken);
            }
            catch (RpcException)
            {
                throw new OperationCanceledException(cancellationToken);
            }
        }
    }
}
