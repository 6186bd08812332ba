using StackExchange.Redis;

namespace Xmtp.Gateway.Redis;

/// <summary>Waits for the answer of a store, and classifies failures. Compiled into every project that calls Redis.</summary>
internal static class StoreAnswers
{
    // A wait that ends later than this part of its timeout shows that the process did not run when it should have.
    private const double MaxLateness = 0.1;

    /// <summary>
    /// Waits for an answer. Where the process itself was stopped or got too little processor time, the answer may be there
    /// and not be read yet: then it waits once more for the same time, instead of taking the store for unavailable.
    /// </summary>
    /// <remarks>
    /// The thread pool runs timers before the work that was queued earlier, such as the reading of sockets. So a timeout
    /// counts once the pool has done that work, and without much delay.
    /// </remarks>
    /// <param name="answer">The call.</param>
    /// <param name="timeout">How long it waits. More than zero.</param>
    /// <param name="time">The clock of the wait.</param>
    /// <param name="cancellationToken">Cancels the wait, not the call.</param>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal static async Task<T> WaitForAnswerAsync<T>(
        this Task<T> answer, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        try
        {
            return await answer.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!answer.IsFaulted)
        {
            await BehindQueuedWorkAsync().ConfigureAwait(false);
            if (!answer.IsCompleted && time.GetElapsedTime(began) <= timeout * (1 + MaxLateness)) throw;
            return await answer.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Whether an exception is a fault of the store or its connection: it is handled as an unavailable store, not as an
    /// error of the gateway.
    /// </summary>
    internal static bool IsFault(Exception exception) =>
        exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException;

    /// <summary>
    /// Whether a call failed because the client's own timeout passed while this process did not run: a process that runs has
    /// stopped waiting before.
    /// </summary>
    /// <param name="exception">How it failed.</param>
    /// <param name="took">How long after the call.</param>
    /// <param name="timeout">How long an answer was waited for.</param>
    internal static bool IsLate(Exception exception, TimeSpan took, TimeSpan timeout) =>
        exception is RedisTimeoutException && took > timeout * (1 + MaxLateness);

    private static Task BehindQueuedWorkAsync() =>
        Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
}
