using System.Collections.Concurrent;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Load;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Callers of several identities that publish at a rate and send an envelope again, to any gateway, until it is answered.
/// One of ten sends an answered envelope once more within some seconds, as SDKs do that lost the answer, and one of ten sends
/// it to two gateways at once. One of twenty does that with a message, and waits longer than a claim lasts. With a payers file each
/// steady identity also has topics, in each of which it publishes a commit once the one before it was answered, and another one beside
/// it where that takes long.
/// </summary>
internal sealed class ChaosCallers : IDisposable
{
    private const int EnvelopeSize = 512;

    // Of twenty envelopes a message and a commit are sent again, and another two are sent twice at once.
    private const int Round = 20;
    private const int RepeatedMessage = 1;
    private const int RepeatedCommit = 12;
    private const int DoubledMessage = 3;
    private const int DoubledCommit = 14;
    private const int PatientMessage = 7;
    private static readonly TimeSpan MaxRepeatDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxTopicPause = TimeSpan.FromSeconds(1);

    // Longer than until a sender is unavailable.
    private static readonly TimeSpan MaxTopicPatience = TimeSpan.FromSeconds(12);

    // Of five envelopes one is kept until there are enough for a burst, and of twenty one more is sent by who spends.
    private const int BurstEvery = 5;
    private const int SpendEvery = 20;
    private readonly List<GrpcChannel> _channels;
    private readonly ConcurrentQueue<ChaosPublish> _history = new();
    private readonly IReadOnlyList<ChaosIdentity> _steady;
    private readonly ChaosIdentity _bursts;
    private readonly ChaosIdentity _spends;
    private readonly bool _hasTopics;

    /// <param name="gateways">Where the gateways listen.</param>
    /// <param name="identities">Who publishes.</param>
    /// <param name="hasTopics">Whether commits are also published in topics that have others.</param>
    public ChaosCallers(IEnumerable<Uri> gateways, ChaosIdentities identities, bool hasTopics)
    {
        _hasTopics = hasTopics;
        _channels = [.. gateways.Select(url => GrpcChannel.ForAddress(url))];
        _steady = identities.Of(ChaosHabit.Steady);
        _bursts = identities.Of(ChaosHabit.Bursts).Single();
        _spends = identities.Of(ChaosHabit.Spends).Single();
    }

    /// <summary>Everything that was published.</summary>
    public IReadOnlyCollection<ChaosPublish> History => _history;

    /// <summary>How much of it was answered until now.</summary>
    public int Answered => _history.Count(publish => publish.AnsweredAt is not null);

    /// <summary>Publishes until the token of the load is cancelled.</summary>
    /// <param name="rate">Publishes a second.</param>
    /// <param name="loading">Ends the load; what was begun goes on.</param>
    /// <param name="cancellationToken">Ends all of it.</param>
    /// <returns>Completes when every envelope is answered.</returns>
    public async Task RunAsync(double rate, CancellationToken loading, CancellationToken cancellationToken)
    {
        List<Task> calls = [.. _hasTopics ? _steady.SelectMany(identity => Topics(identity, loading, cancellationToken)) : []];
        List<ChaosPublish> burst = [];
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1 / rate));
        try
        {
            for (var number = 0; await tick.WaitForNextTickAsync(loading); number++)
            {
                if (number % SpendEvery == 0) calls.Add(PublishAsync(Large(), 0, cancellationToken));
                if (number % BurstEvery != 0)
                {
                    var publish = New(_steady[number % _steady.Count], number);
                    calls.Add(PublishAsync(publish, number % Round, cancellationToken));
                    continue;
                }

                burst.Add(New(_bursts, burst.Count));
                if (burst.Count < ChaosIdentities.BurstSent) continue;
                calls.AddRange(burst.Select(publish => PublishAsync(publish, 0, cancellationToken)));
                burst = [];
            }
        }
        catch (OperationCanceledException) when (loading.IsCancellationRequested)
        {
            // The load ends.
        }

        calls.AddRange(burst.Select(publish => PublishAsync(publish, 0, cancellationToken)));
        await Task.WhenAll(calls);
    }

    /// <summary>Publishes one message and one commit of each payer at each gateway.</summary>
    /// <exception cref="OperationCanceledException">One was not answered before the token was cancelled.</exception>
    public Task PublishEverywhereAsync(CancellationToken cancellationToken) => Task.WhenAll(_channels.SelectMany((channel, number) =>
        _steady.DistinctBy(identity => identity.Payer).SelectMany(identity => new[] { New(identity, 0), New(identity, 1) }).Select(
            publish => ChaosCaller.PublishAsync(publish, () => (number, channel), cancellationToken))));

    public void Dispose()
    {
        foreach (var channel in _channels) channel.Dispose();
    }

    private IEnumerable<Task> Topics(ChaosIdentity identity, CancellationToken loading, CancellationToken cancellationToken) =>
        Enumerable.Range(0, ChaosIdentities.TopicsOfEach).Select(_ => PublishInOrderAsync(identity, loading, cancellationToken));

    private async Task PublishInOrderAsync(ChaosIdentity identity, CancellationToken loading, CancellationToken cancellationToken)
    {
        var groupId = CommitEnvelope.NewGroupId();
        List<ChaosPublish> before = [];
        for (var number = 0; !loading.IsCancellationRequested; number++)
        {
            List<ChaosPublish> sent = [NewIn(groupId, identity, before)];
            List<Task> calls = [PublishAsync(sent[0], number % Round, cancellationToken)];
            var patience = ChaosFault.WaitAsync(MaxTopicPatience * Random.Shared.NextDouble(), cancellationToken);
            if (await Task.WhenAny(calls[0], patience) == patience)
            {
                sent.Add(NewIn(groupId, identity, before));
                calls.Add(PublishAsync(sent[1], 0, cancellationToken));
            }

            await Task.WhenAll(calls);
            before = sent;
            await ChaosFault.WaitAsync(MaxTopicPause * Random.Shared.NextDouble(), cancellationToken);
        }
    }

    private ChaosPublish NewIn(byte[] groupId, ChaosIdentity identity, IReadOnlyList<ChaosPublish> before)
    {
        var publish = new ChaosPublish(identity, CommitEnvelope.New(groupId), isCommit: true) { After = before };
        _history.Enqueue(publish);
        return publish;
    }

    private ChaosPublish New(ChaosIdentity identity, int number)
    {
        var publish = number % 2 == 0
            ? new ChaosPublish(identity, CommitEnvelope.New(), isCommit: true)
            : new ChaosPublish(identity, BenchEnvelope.Create(EnvelopeSize, []), isCommit: false);
        _history.Enqueue(publish);
        return publish;
    }

    private ChaosPublish Large()
    {
        var publish = new ChaosPublish(_spends, BenchEnvelope.Create(ChaosIdentities.LargeSize, []), isCommit: false);
        _history.Enqueue(publish);
        return publish;
    }

    private async Task PublishAsync(ChaosPublish publish, int place, CancellationToken cancellationToken)
    {
        publish.Begin();
        var isPatient = place == PatientMessage;
        var isDoubled = isPatient || place is DoubledMessage or DoubledCommit;
        var other = isDoubled ? ChaosCaller.PublishAsync(publish, Any, cancellationToken, isPatient) : Task.CompletedTask;
        await ChaosCaller.PublishAsync(publish, Any, cancellationToken, isPatient);
        if (place is RepeatedMessage or RepeatedCommit)
        {
            await ChaosFault.WaitAsync(MaxRepeatDelay * Random.Shared.NextDouble(), cancellationToken);
            await ChaosCaller.PublishAsync(publish, Any, cancellationToken);
        }

        await other;
    }

    private (int Number, GrpcChannel Channel) Any()
    {
        var number = Random.Shared.Next(_channels.Count);
        return (number, _channels[number]);
    }
}
