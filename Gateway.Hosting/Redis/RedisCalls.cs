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
/// How long after a failure the store is not called at most, so that many callers do not each wait for the timeout: as long as
/// the failed call took, unless the store answers earlier. Zero for no pause.
/// </param>
/// <param name="onBack">Called when the store answers again after a failure; must not throw.</param>
/// <param name="isRepeatable">
/// Whether a call may be made twice: then it is made again where it failed because this process did not run.
/// </param>
internal sealed class RedisCalls(
    Func<ValueTask<IDatabaseAsync>> connect,
    TimeSpan timeout,
    TimeProvider time,
    Action? onFailure = null,
    TimeSpan pauseAfterFailure = default,
    Action? onBack = null,
    bool isRepeatable = false)
{
    // A call that fails at once delays nobody, so the store is soon called again.
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(50);
    private long _pausedUntil = long.MinValue;
    private int _isUnavailable;

    /// <summary>Makes a call.</summary>
    /// <param name="ask">The call. The store may execute it even if no answer comes.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <param name="isUrgent">Whether the call is made during a pause too.</param>
    /// <param name="onUnanswered">Receives a call that was made and got no answer in time, but may still get one.</param>
    /// <param name="isRead">Whether it only reads: a full store answers it, so its answer ends no pause.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal async ValueTask<(bool IsAnswered, T? Value)> AskAsync<T>(
        Func<IDatabaseAsync, Task<T>> ask,
        CancellationToken cancellationToken,
        bool isUrgent = false,
        Action<Task<T>>? onUnanswered = null,
        bool isRead = false)
    {
        if (!isUrgent && time.GetTimestamp() < Volatile.Read(ref _pausedUntil)) return default;
        for (var mayRepeat = isRepeatable; ; mayRepeat = false)
        {
            var began = time.GetTimestamp();
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
                if (!isRead) Answered();
                return (true, answer);
            }
            catch (Exception exception) when (RedisFault.Is(exception))
            {
                var took = time.GetElapsedTime(began);
                if (mayRepeat && StoreAnswers.IsLate(exception, took, timeout)) continue;
                onFailure?.Invoke();
                Failed(took);
                return default;
            }
            finally
            {
                if (asked is not null)
                {
                    onUnanswered?.Invoke(asked);
                    if (!isRead && pauseAfterFailure > TimeSpan.Zero) _ = AnsweredLateAsync(asked);
                }
            }
        }
    }

    /// <summary>Runs a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="keys">KEYS.</param>
    /// <param name="arguments">ARGV.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <param name="isUrgent">Whether it runs during a pause too.</param>
    /// <param name="onUnanswered">Receives a run that got no answer in time, but may still get one.</param>
    /// <returns>The answer; null when there was none.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal async ValueTask<RedisResult?> RunAsync(
        RedisScript script,
        RedisKey[] keys,
        RedisValue[] arguments,
        CancellationToken cancellationToken,
        bool isUrgent = false,
        Action<Task<RedisResult>>? onUnanswered = null) =>
        (await AskAsync(
            store => script.RunAsync(store, keys, arguments),
            cancellationToken,
            isUrgent,
            onUnanswered).ConfigureAwait(false)).Value;

    private void Failed(TimeSpan took)
    {
        if (pauseAfterFailure <= TimeSpan.Zero) return;
        var pause = took < MinPause ? MinPause : took;
        if (pause > pauseAfterFailure) pause = pauseAfterFailure;
        Volatile.Write(ref _isUnavailable, 1);
        Volatile.Write(ref _pausedUntil, time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency));
    }

    private void Answered()
    {
        if (Volatile.Read(ref _isUnavailable) == 0 || Interlocked.Exchange(ref _isUnavailable, 0) == 0) return;
        Volatile.Write(ref _pausedUntil, long.MinValue);
        onBack?.Invoke();
    }

    // A store that hung carries out the calls that it got meanwhile: their answers come when it is back.
    private async Task AnsweredLateAsync(Task asked)
    {
        await asked.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if (asked.IsCompletedSuccessfully) Answered();
    }
}
