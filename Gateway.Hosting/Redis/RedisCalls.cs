using StackExchange.Redis;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Calls one store. An error of the store or its connection, or a timeout, counts as no answer and never throws.
/// Thread-safe.
/// </summary>
/// <param name="connect">Returns the store; called for each call.</param>
/// <param name="timeout">How long a call waits for the answer. More than zero.</param>
/// <param name="time">The clock of the waits; never compared with the store's clock.</param>
/// <param name="onFailure">Called for each call without an answer.</param>
/// <param name="pauseAfterFailure">
/// How long after a failure the store is not called, so that many callers do not each wait for the timeout; zero for no
/// pause.
/// </param>
internal sealed class RedisCalls(
    Func<ValueTask<IDatabaseAsync>> connect,
    TimeSpan timeout,
    TimeProvider time,
    Action? onFailure = null,
    TimeSpan pauseAfterFailure = default)
{
    private long _pausedUntil = long.MinValue;

    /// <summary>Makes a call.</summary>
    /// <param name="ask">The call. The store may execute it even if no answer comes.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <param name="isUrgent">Whether the call is made during a pause too.</param>
    /// <param name="onUnanswered">Receives a call that was made and got no answer in time, but may still get one.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal async ValueTask<(bool IsAnswered, T? Value)> AskAsync<T>(
        Func<IDatabaseAsync, Task<T>> ask,
        CancellationToken cancellationToken,
        bool isUrgent = false,
        Action<Task<T>>? onUnanswered = null)
    {
        if (!isUrgent && time.GetTimestamp() < Volatile.Read(ref _pausedUntil)) return default;
        Task<T>? asked = null;
        try
        {
            var connecting = connect();
            var store = connecting.IsCompletedSuccessfully
                ? await connecting.ConfigureAwait(false)
                : await connecting.AsTask().WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            asked = ask(store);
            var answer = await asked.WaitForAnswerAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            asked = null;
            return (true, answer);
        }
        catch (Exception exception) when (RedisFault.Is(exception))
        {
            onFailure?.Invoke();
            if (pauseAfterFailure > TimeSpan.Zero)
                Volatile.Write(ref _pausedUntil, time.GetTimestamp() + (long)(pauseAfterFailure.TotalSeconds * time.TimestampFrequency));
            return default;
        }
        finally
        {
            if (asked is not null) onUnanswered?.Invoke(asked);
        }
    }

    /// <summary>Runs a script.</summary>
    /// <param name="script">The text of the script.</param>
    /// <param name="keys">KEYS.</param>
    /// <param name="arguments">ARGV.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <param name="isUrgent">Whether it runs during a pause too.</param>
    /// <param name="onUnanswered">Receives a run that got no answer in time, but may still get one.</param>
    /// <returns>The answer; null when there was none.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal async ValueTask<RedisResult?> RunAsync(
        string script,
        RedisKey[] keys,
        RedisValue[] arguments,
        CancellationToken cancellationToken,
        bool isUrgent = false,
        Action<Task<RedisResult>>? onUnanswered = null) =>
        (await AskAsync(
            store => store.ScriptEvaluateAsync(script, keys, arguments),
            cancellationToken,
            isUrgent,
            onUnanswered).ConfigureAwait(false)).Value;
}
