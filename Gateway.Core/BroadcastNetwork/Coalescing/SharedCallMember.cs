using System.Diagnostics;
using System.Runtime.CompilerServices;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.BroadcastNetwork.Coalescing;

/// <summary>One publish in a call that it shares, and its answer: the part of the node's response, or the call's error.</summary>
internal sealed class SharedCallMember(
    SharedCall call, NodePublish publish, ClientIdentity? caller, long joinedAt, CancellationToken ended)
    : TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private readonly TimeSpan _timeout = publish.Timeout;

    internal NodePublish Publish { get; } = publish;

    internal ClientIdentity? Caller { get; } = caller;

    /// <summary>Cancelled when the publish ended without its answer.</summary>
    internal CancellationToken Ended { get; } = ended;

    /// <summary>The span of its attempt; null when it has none.</summary>
    internal Activity? Span { get; } = Activity.Current;

    /// <summary>What is left of its own timeout; zero or less when it has passed.</summary>
    internal TimeSpan Left(TimeProvider time) => _timeout - time.GetElapsedTime(joinedAt);

    /// <summary>Waits for the answer. The call ends when none of its publishes waits any more.</summary>
    /// <exception cref="OperationCanceledException">The publish ended without its answer.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<ReadOnlyMemory<byte>> AnswerAsync()
    {
        try
        {
            return await Task.WaitAsync(Ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Task.IsCompleted)
        {
            // It ended while its answer was on the way to the waiter: the answer counts.
            return await Task.ConfigureAwait(false);
        }
        finally
        {
            call.Leave();
        }
    }

    /// <summary>Fails it.</summary>
    internal void Fail(Exception fault)
    {
        // Nobody may be there to observe it.
        if (TrySetException(fault)) _ = Task.Exception;
    }
}
