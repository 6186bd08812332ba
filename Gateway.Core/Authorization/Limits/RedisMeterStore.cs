using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Meters that replicas share. Redis 5 or later, or Garnet with transactional Lua; one script call, and so one round trip, a publish.</summary>
/// <remarks>
/// Thread-safe. A call whose answer does not come in time may still have been counted. All keys hash to one slot, because
/// a publish takes from several at once.
/// </remarks>
internal sealed class RedisMeterStore(Func<Task<IDatabaseAsync>> connect, string keyPrefix, TimeSpan timeout, TimeProvider time) : IMeterStore
{
    private readonly string prefix = keyPrefix + "{limits}:";

    public async ValueTask<MeterAnswer> TakeAsync(IReadOnlyList<MeterCharge> charges, CancellationToken cancellationToken)
    {
        var (keys, arguments) = (new RedisKey[charges.Count], new RedisValue[charges.Count * 5]);
        Write(charges, keys, arguments);
        var answer = await RunAsync(MeterScripts.Take, keys, arguments, cancellationToken, late => _ = GiveBackAsync(charges, late)).ConfigureAwait(false);
        return answer is null ? MeterAnswer.Away : Read(answer);
    }

    public async ValueTask<bool> GiveBackAsync(IReadOnlyList<MeterCharge> charges, long takenAt)
    {
        var (keys, arguments) = (new RedisKey[charges.Count], new RedisValue[(charges.Count * 5) + 1]);
        Write(charges, keys, arguments);
        arguments[^1] = takenAt;
        return await RunAsync(MeterScripts.GiveBack, keys, arguments, CancellationToken.None).ConfigureAwait(false) is not null;
    }

    public ValueTask<bool> CorrectAsync(IReadOnlyList<MeterCharge> corrections, CancellationToken cancellationToken) => ChangeSumsAsync(
        MeterScripts.Correct, corrections.Where(charge => charge.Cost != 0), charge => [charge.Cost < 0 ? "-" : "+", Math.Abs(charge.Cost)], cancellationToken);

    public ValueTask<bool> RaiseAsync(IReadOnlyList<MeterCharge> atLeast, CancellationToken cancellationToken) => ChangeSumsAsync(
        MeterScripts.Raise, atLeast.Where(charge => charge.Cost > 0), charge => [charge.Cost], cancellationToken);

    private async ValueTask<bool> ChangeSumsAsync(string script, IEnumerable<MeterCharge> charges, Func<MeterCharge, RedisValue[]> argumentsOf, CancellationToken cancellationToken)
    {
        var sums = charges.Where(charge => charge.Meter is Purse).ToList();
        if (sums.Count == 0) return true;
        RedisKey[] keys = [.. sums.Select(charge => (RedisKey)(prefix + charge.Key))];
        RedisValue[] arguments = [.. sums.SelectMany(charge => (RedisValue[])[Period((Purse)charge.Meter), .. argumentsOf(charge)])];
        return await RunAsync(script, keys, arguments, cancellationToken).ConfigureAwait(false) is not null;
    }

    // Nobody knows of a charge whose answer comes too late: the publish went by the policy, or its caller left.
    private async Task GiveBackAsync(IReadOnlyList<MeterCharge> charges, Task<RedisResult> late)
    {
        await ((Task)late).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (late.IsCompletedSuccessfully && Read((RedisResult[])(await late.ConfigureAwait(false))!) is { Verdict: MeterVerdict.Taken } taken)
            await GiveBackAsync(charges, taken.At).ConfigureAwait(false);
    }

    private MeterAnswer Read(RedisResult[] answer)
    {
        var (place, milliseconds) = ((int)answer[0], long.Parse(answer[1].ToString(), CultureInfo.InvariantCulture));
        return place == 0 ? MeterAnswer.Taken(this, milliseconds) : new MeterAnswer(MeterVerdict.Over, place - 1, TimeSpan.FromMilliseconds(milliseconds));
    }

    private void Write(IReadOnlyList<MeterCharge> charges, RedisKey[] keys, RedisValue[] arguments)
    {
        for (var i = 0; i < charges.Count; i++)
        {
            keys[i] = prefix + charges[i].Key;
            Write(charges[i], arguments.AsSpan(i * 5, 5));
        }
    }

    private static void Write(MeterCharge charge, Span<RedisValue> arguments)
    {
        if (charge.Meter is Bucket bucket)
            (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]) = ("r", bucket.Capacity, bucket.Period, bucket.Refill, charge.Cost);
        else
            (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]) = (Period((Purse)charge.Meter), charge.Meter.Capacity - charge.Cost, charge.Cost, "", "");
    }

    private static string Period(Purse purse) => purse.Per == BudgetPeriod.Day ? "d" : "m";

    private async ValueTask<RedisResult[]?> RunAsync(
        string script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken, Action<Task<RedisResult>>? unanswered = null)
    {
        Task<RedisResult>? asked = null;
        try
        {
            var database = await connect().WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            asked = database.ScriptEvaluateAsync(script, keys, arguments);
            var answer = await asked.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            asked = null;
            return answer.Resp2Type == ResultType.Array ? (RedisResult[])answer! : [];
        }
        catch (Exception error) when (RedisFault.Is(error))
        {
            return null;
        }
        finally
        {
            if (asked is not null) unanswered?.Invoke(asked);
        }
    }
}
