using System.Text;
using StackExchange.Redis;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// Limits that replicas share. Redis 5 or later, or Garnet with transactional Lua. A publish needs at most one script
/// call, and so one round trip; those of concurrent callers are batched into one.
/// </summary>
/// <remarks>
/// Thread-safe. A call that timed out may still have been counted. All keys hash to one slot, because a publish takes
/// from several at once.
/// </remarks>
internal sealed class RedisUsageLimitStore : IUsageLimitStore
{
    private const int MaxPublishes = 100;

    // As for claims: what waits for one request shares the next.
    private const int MaxInFlight = 1;
    private readonly RedisCalls _redis;
    private readonly RedisKey _prefix;
    private readonly BatchedRequests<IReadOnlyList<UsageLimitCharge>, UsageLimitResult> _takes;

    /// <summary>Creates the store; it connects at first use.</summary>
    /// <param name="connect">Connects to the Redis database.</param>
    /// <param name="keyPrefix">The prefix of every key.</param>
    /// <param name="timeout">The timeout of a call.</param>
    /// <param name="time">Measures timeouts; never compared with the store's clock.</param>
    internal RedisUsageLimitStore(Func<Task<IDatabaseAsync>> connect, string keyPrefix, TimeSpan timeout, TimeProvider time)
    {
        _redis = new(() => new(connect()), timeout, time);
        _prefix = Encoding.UTF8.GetBytes(keyPrefix + "{limits}:");
        _takes = new(TakeBatchAsync, _ => UsageLimitResult.Unavailable, Refund, MaxPublishes, MaxInFlight);
    }

    public ValueTask<UsageLimitResult> TakeAsync(IReadOnlyList<UsageLimitCharge> charges, CancellationToken cancellationToken) =>
        _takes.AskAsync(charges, cancellationToken);

    public async ValueTask<bool> RefundAsync(IReadOnlyList<UsageLimitCharge> charges, long takenAt)
    {
        const int Count = UsageLimitArguments.Count;
        var (keys, arguments) = (new RedisKey[charges.Count], new RedisValue[(charges.Count * Count) + 1]);
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = KeyOf(charges[i].Key);
            UsageLimitArguments.Write(charges[i].Limit, charges[i].Cost, arguments.AsSpan(i * Count, Count));
        }

        arguments[^1] = takenAt;
        return await RunAsync(UsageLimitScripts.Refund, keys, arguments, CancellationToken.None).ConfigureAwait(false) is not null;
    }

    public ValueTask<bool> CorrectAsync(
        IReadOnlyList<UsageLimitCharge> corrections, CancellationToken cancellationToken) => ChangeSumsAsync(
        UsageLimitScripts.Correct,
        corrections.Where(charge => charge.Cost != 0),
        charge => [charge.Cost < 0 ? "-" : "+", Math.Abs(charge.Cost)],
        cancellationToken);

    public ValueTask<bool> RaiseAsync(IReadOnlyList<UsageLimitCharge> atLeast, CancellationToken cancellationToken) => ChangeSumsAsync(
        UsageLimitScripts.Raise, atLeast.Where(charge => charge.Cost > 0), charge => [charge.Cost], cancellationToken);

    public async ValueTask<IReadOnlyList<long>?> ReadSumsAsync(
        IReadOnlyList<(SpendCounter Budget, string Key)> budgets, CancellationToken cancellationToken)
    {
        if (budgets.Count == 0) return [];
        RedisKey[] keys = [.. budgets.Select(one => KeyOf(one.Key))];
        var (isAnswered, sums) = await _redis.AskAsync(
            store => store.StringGetAsync(keys), cancellationToken, isRead: true).ConfigureAwait(false);
        return isAnswered ? [.. sums!.Select(sum => sum.TryParse(out long used) ? used : 0)] : null;
    }

    private async ValueTask<bool> ChangeSumsAsync(
        RedisScript script,
        IEnumerable<UsageLimitCharge> charges,
        Func<UsageLimitCharge, RedisValue[]> argumentsOf,
        CancellationToken cancellationToken)
    {
        var sums = charges.Where(charge => charge.Limit is SpendCounter).ToList();
        if (sums.Count == 0) return true;
        RedisKey[] keys = [.. sums.Select(charge => KeyOf(charge.Key))];
        RedisValue[] arguments =
        [
            .. sums.SelectMany(
                charge => (RedisValue[])[UsageLimitArguments.Period((SpendCounter)charge.Limit), .. argumentsOf(charge)]),
        ];
        return await RunAsync(script, keys, arguments, cancellationToken).ConfigureAwait(false) is not null;
    }

    private async ValueTask<UsageLimitResult[]?> TakeBatchAsync(IReadOnlyList<IReadOnlyList<UsageLimitCharge>> publishes)
    {
        var request = new TakeRequest(publishes);
        var answer = await RunAsync(
            UsageLimitScripts.Take,
            request.Keys(_prefix),
            request.Arguments(),
            CancellationToken.None,
            late => _ = RefundAsync(publishes, late)).ConfigureAwait(false);
        return answer is null ? null : Read(answer, publishes.Count);
    }

    // A charge whose response arrives too late has no owner: the policy decided on the publish, or its caller left.
    private async Task RefundAsync(IReadOnlyList<IReadOnlyList<UsageLimitCharge>> publishes, Task<RedisResult> late)
    {
        await ((Task)late).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!late.IsCompletedSuccessfully) return;
        var answers = Read(await late.ConfigureAwait(false), publishes.Count);
        for (var i = 0; i < answers.Length; i++) Refund(publishes[i], answers[i]);
    }

    private void Refund(IReadOnlyList<UsageLimitCharge> charges, UsageLimitResult answer)
    {
        if (answer.Outcome == UsageLimitOutcome.Taken) _ = RefundAsync(charges, answer.At).AsTask();
    }

    private UsageLimitResult[] Read(RedisResult answer, int publishes)
    {
        var read = new UsageLimitResult[publishes];
        if (answer.Resp2Type != ResultType.Array)
        {
            Array.Fill(read, UsageLimitResult.Taken(this, (long)answer));
            return read;
        }

        for (var i = 0; i < read.Length; i++)
        {
            var (place, milliseconds) = ((int)answer[i * 2], (long)answer[(i * 2) + 1]);
            read[i] = place == 0
                ? UsageLimitResult.Taken(this, milliseconds)
                : new UsageLimitResult(UsageLimitOutcome.Over, place - 1, TimeSpan.FromMilliseconds(milliseconds));
        }

        return read;
    }

    private RedisKey KeyOf(string key) => ((RedisKey)key).Prepend(_prefix);

    private ValueTask<RedisResult?> RunAsync(
        RedisScript script,
        RedisKey[] keys,
        RedisValue[] arguments,
        CancellationToken cancellationToken,
        Action<Task<RedisResult>>? onUnanswered = null) =>
        _redis.RunAsync(script, keys, arguments, cancellationToken, onUnanswered: onUnanswered);
}
