using System.Runtime.CompilerServices;
using Grpc.Core;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.BroadcastNetwork.Coalescing;

/// <summary>Lets publishes that arrive while calls to a node are under way leave together in one call.</summary>
/// <remarks>
/// <para>While fewer than four calls are under way a publish is sent at once. Otherwise it waits with those that arrive after
/// it until a call ends, until no more have room, or 10 ms, so that calls which hang hold nothing up. What waits is therefore
/// never more than one call, and of one payer.</para>
/// <para>A publish that may not share a call (<see cref="SharingRules"/>) is sent at once, after those that wait: one of them
/// may be of its topic. Thread-safe.</para>
/// </remarks>
internal sealed class PublishCoalescer : IDisposable
{
    private const int MaxConcurrentCalls = 4;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly NodeChannel _channel;
    private readonly SharedCallRunner _runner;
    private readonly SharingRules _rules;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private SharedCall? _waiting;
    private int _underWay;

    internal PublishCoalescer(uint node, NodeChannel channel, int maxEnvelopes, LapsedClaims claims, TimeProvider time)
    {
        _channel = channel;
        _time = time;
        _rules = new SharingRules(maxEnvelopes, time);
        _runner = new SharedCallRunner(node, channel, SendAgainAsync, _rules, claims, time);
        _timer = time.CreateTimer(
            static coalescer => ((PublishCoalescer)coalescer!).SendWaiting(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the node is known to have seen.</summary>
    internal SeenCommits Seen => _rules.Seen;

    /// <summary>Whether publishes wait for a call that they will share.</summary>
    internal bool HasWaiting
    {
        get
        {
            lock (_gate) return _waiting is not null;
        }
    }

    /// <summary>Sends envelopes, possibly in one call with those of others.</summary>
    /// <param name="publish">What to send.</param>
    /// <param name="caller">Its caller; null when it has to have a call of its own.</param>
    /// <param name="cancellationToken">Ends the publish; its call only when no other publish waits for it.</param>
    /// <returns>The serialized PublishPayerEnvelopesResponse for these envelopes.</returns>
    /// <exception cref="RpcException">The node refused, or could not be reached.</exception>
    /// <exception cref="ClaimLapsedException">It was not sent.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal ValueTask<ReadOnlyMemory<byte>> PublishAsync(
        NodePublish publish, ClientIdentity? caller, CancellationToken cancellationToken) =>
        TryJoin(publish, caller, cancellationToken) is { } member
            ? member.AnswerAsync()
            : SendAloneAsync(publish, caller, cancellationToken);

    public void Dispose() => _timer.Dispose();

    // Null when it has to be sent alone, as a call under way.
    private SharedCallMember? TryJoin(NodePublish publish, ClientIdentity? caller, CancellationToken cancellationToken)
    {
        // Usually nothing has to wait, and the rules are not asked.
        var mayShare = Volatile.Read(ref _underWay) >= MaxConcurrentCalls && _rules.MayShare(publish, caller);
        SharedCall? due = null;
        SharedCallMember? member = null;
        lock (_gate)
        {
            if (!mayShare || _underWay < MaxConcurrentCalls)
            {
                due = TakeWaiting();
                _underWay++;
            }
            else
            {
                if (_waiting?.HasRoomFor(publish, caller) == false) due = TakeWaiting();
                if (_waiting is null) _timer.Change(MaxWait, Timeout.InfiniteTimeSpan);
                _waiting ??= new SharedCall(_rules.MaxEnvelopes);
                member = _waiting.Add(publish, caller, _time.GetTimestamp(), cancellationToken);
                if (_waiting.IsFull) due = TakeWaiting();
            }
        }

        if (due is not null) _ = RunAsync(due);
        return member;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>> SendAloneAsync(
        NodePublish publish, ClientIdentity? caller, CancellationToken cancellationToken)
    {
        try
        {
            return await _channel.PublishAsync(publish, cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException exception) when (SharingRules.IsRefusal(exception))
        {
            _rules.Refused(publish, caller, exception);
            throw;
        }
        finally
        {
            Ended();
        }
    }

    private ValueTask<ReadOnlyMemory<byte>> SendAgainAsync(SharedCallMember member)
    {
        lock (_gate) _underWay++;
        return SendAloneAsync(member.Publish, member.Caller, member.Ended);
    }

    private async Task RunAsync(SharedCall call)
    {
        using var ends = call;
        try
        {
            await _runner.RunAsync(call).ConfigureAwait(false);
        }
        finally
        {
            Ended();
        }
    }

    private void Ended()
    {
        SharedCall? due = null;
        lock (_gate)
        {
            _underWay--;
            if (_underWay < MaxConcurrentCalls) due = TakeWaiting();
        }

        // Not here: the one whose call ended has its answer to return.
        if (due is null) return;
        ThreadPool.UnsafeQueueUserWorkItem(static run => _ = run.This.RunAsync(run.Call), (This: this, Call: due), preferLocal: false);
    }

    private void SendWaiting()
    {
        SharedCall? due;
        lock (_gate) due = TakeWaiting();
        if (due is not null) _ = RunAsync(due);
    }

    // Under the gate. Its call is under way from now on.
    private SharedCall? TakeWaiting()
    {
        var due = _waiting;
        if (due is null) return null;
        _waiting = null;
        _underWay++;
        return due;
    }
}
