using System.Globalization;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Reads the caller's timeout.</summary>
/// <remarks>
/// <code>
/// grpc-timeout:       1-8 digits, then H M S m (milli) u (micro) n (nano)
/// connect-timeout-ms: 1-10 digits
/// </code>
/// </remarks>
internal static class CallTimeout
{
    /// <summary>The deadline of a gRPC or gRPC-Web call; null when the header is malformed.</summary>
    internal static PublishDeadline? OfGrpc(IHeaderDictionary headers, TimeProvider time)
    {
        var text = headers["grpc-timeout"].ToString();
        if (text.Length == 0) return PublishDeadline.After(PublishDeadline.Max, time);
        if (text.Length > 9 || !TryNumber(text.AsSpan(0, text.Length - 1), out var amount)) return null;
        return TicksPerUnit(text[^1]) is { } ticks ? PublishDeadline.After(Bounded(amount, ticks), time) : null;
    }

    /// <summary>The deadline of a Connect call; null when the header is malformed.</summary>
    internal static PublishDeadline? OfConnect(IHeaderDictionary headers, TimeProvider time)
    {
        var text = headers["connect-timeout-ms"].ToString();
        if (text.Length == 0) return PublishDeadline.After(PublishDeadline.Max, time);
        if (text.Length > 10 || !TryNumber(text, out var amount)) return null;
        return PublishDeadline.After(Bounded(amount, TimeSpan.TicksPerMillisecond), time);
    }

    // The framework's parser also takes NUL characters behind the digits.
    private static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        return !text.Contains('\0') && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static TimeSpan Bounded(long amount, double ticks) =>
        TimeSpan.FromTicks((long)Math.Min(amount * ticks, PublishDeadline.Max.Ticks));

    private static double? TicksPerUnit(char unit) => unit switch
    {
        'H' => TimeSpan.TicksPerHour,
        'M' => TimeSpan.TicksPerMinute,
        'S' => TimeSpan.TicksPerSecond,
        'm' => TimeSpan.TicksPerMillisecond,
        'u' => TimeSpan.TicksPerMicrosecond,
        'n' => 1.0 / TimeSpan.NanosecondsPerTick,
        _ => null,
    };
}
