namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Calendar days and months in UTC.</summary>
internal static class CalendarWindow
{
    /// <summary>The end of the window that contains this moment; both in Unix milliseconds.</summary>
    public static long End(BudgetPeriod period, long now)
    {
        var moment = DateTimeOffset.FromUnixTimeMilliseconds(now);
        var day = new DateTimeOffset(moment.Year, moment.Month, period == BudgetPeriod.Day ? moment.Day : 1, 0, 0, 0, TimeSpan.Zero);
        return (period == BudgetPeriod.Day ? day.AddDays(1) : day.AddMonths(1)).ToUnixTimeMilliseconds();
    }
}
