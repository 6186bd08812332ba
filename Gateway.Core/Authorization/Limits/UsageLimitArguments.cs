using StackExchange.Redis;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The values of a limit among the arguments of a script: <c>common.lua</c> documents them.</summary>
internal static class UsageLimitArguments
{
    /// <summary>How many they are.</summary>
    internal const int Count = 5;

    private static readonly RedisValue Rate = "r";
    private static readonly RedisValue Day = "d";
    private static readonly RedisValue Month = "m";
    private static readonly RedisValue Never = "-";

    /// <summary>Writes them.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="cost">What is taken from it, or refunded; at least 0.</param>
    /// <param name="arguments">Where they are written.</param>
    internal static void Write(UsageLimit limit, Int128 cost, Span<RedisValue> arguments)
    {
        if (limit is TokenBucket bucket)
        {
            arguments[0] = Rate;
            arguments[1] = bucket.Capacity;
            arguments[2] = bucket.Period;
            arguments[3] = bucket.Refill;
            arguments[4] = (long)cost;
        }
        else
        {
            var fits = cost <= limit.Capacity;
            arguments[0] = Period((SpendCounter)limit);
            arguments[1] = fits ? limit.Capacity - (long)cost : Never;
            arguments[2] = fits ? (long)cost : 0;
            arguments[3] = RedisValue.EmptyString;
            arguments[4] = RedisValue.EmptyString;
        }
    }

    /// <summary>The window of a budget.</summary>
    internal static RedisValue Period(SpendCounter counter) => counter.Per == BudgetPeriod.Day ? Day : Month;
}
