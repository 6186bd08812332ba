using System.Globalization;
using StackExchange.Redis;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Meters that replicas share. Redis 5 or later, or Garnet with transactional Lua; one script call, and so one round trip, a publish.</summary>
/// <remarks>
/// Thread-safe. A call whose answer does not come in time may still have been counted. All keys hash to one slot, because
/// a publish takes from several at once.
/// </remarks>
internal sealed class RedisMeterStore(Func<Task<IDatabaseAsync>> connect, string keyPrefix, TimeSpan timeout, TimeProvider time) : IMeterStore
{
    private readonly string prefix = keyPrefix + "{limits}:";
    private Task<IDatabaseAsync>? redis;

    public async ValueTask<MeterAnswer> TakeAsync(IReadOnlyList<MeterCharge> charges, CancellationToken cancellationToken)
    {
        var (keys, arguments) = (new RedisKey[charges.Count], new RedisValue[charges.Count * 5]);
        for (var i = 0; i < charges.Count; i++)
        {
            keys[i] = prefix + charges[i].Key;
            Write(charges[i], arguments.AsSpan(i * 5, 5));
        }

        if (await RunAsync(MeterScripts.Take, keys, arguments, cancellationToken).ConfigureAwait(false) is not { } answer) return MeterAnswer.Away;
        var place = (int)answer[0];
        return place == 0 ? MeterAnswer.Taken : new MeterAnswer(MeterVerdict.Over, place - 1, TimeSpan.FromMilliseconds(long.Parse(answer[1].ToString(), CultureInfo.InvariantCulture)));
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

    private static void Write(MeterCharge charge, Span<RedisValue> arguments)
    {
        if (charge.Meter is Bucket bucket)
            (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]) = ("r", bucket.Capacity, bucket.Period, bucket.Refill, charge.Cost);
        else
            (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]) = (Period((Purse)charge.Meter), charge.Meter.Capacity - charge.Cost, charge.Cost, "", "");
    }

    private static string Period(Purse purse) => purse.Per == BudgetPeriod.Day ? "d" : "m";

    private async ValueTask<RedisResult[]?> RunAsync(string script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            var database = await (redis ??= connect()).WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            var answer = await database.ScriptEvaluateAsync(script, keys, arguments).WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            return answer.Resp2Type == ResultType.Array ? (RedisResult[])answer! : [];
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ObjectDisposedException)
        {
            return null;
        }
    }
}
