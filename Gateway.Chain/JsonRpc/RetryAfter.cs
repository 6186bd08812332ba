using System.Net.Http.Headers;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Reads the header Retry-After: seconds or a date.</summary>
internal static class RetryAfter
{
    /// <summary>The wait that an HTTP response asks for; null when it asks for none.</summary>
    public static TimeSpan? Of(HttpResponseMessage response) => Of(response.Headers.RetryAfter, response.Headers.Date);

    /// <summary>The wait that the headers of a refused WebSocket handshake ask for; null when they ask for none.</summary>
    public static TimeSpan? Of(IReadOnlyDictionary<string, IEnumerable<string>>? headers)
    {
        var retryAfter = RetryConditionHeaderValue.TryParse(ValueOf(headers, "Retry-After"), out var read) ? read : null;
        var now = DateTimeOffset.TryParse(
            ValueOf(headers, "Date"),
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal,
            out var date) ? date : (DateTimeOffset?)null;
        return Of(retryAfter, now);
    }

    // A date is by the endpoint's clock, which may differ from the local clock.
    private static TimeSpan? Of(RetryConditionHeaderValue? condition, DateTimeOffset? now)
    {
        if (condition is null) return null;
        var wait = condition.Delta ?? condition.Date - (now ?? TimeProvider.System.GetUtcNow());
        return wait > TimeSpan.Zero ? wait : null;
    }

    private static string? ValueOf(IReadOnlyDictionary<string, IEnumerable<string>>? headers, string name) =>
        headers?.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value?.FirstOrDefault();
}
