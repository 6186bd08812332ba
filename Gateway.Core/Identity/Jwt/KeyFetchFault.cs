using System.Globalization;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>Why keys could not be fetched, in a message that an operator can act on, without the server's response.</summary>
internal static class KeyFetchFault
{
    internal const string NoKey = "it answered, and there is no public key of RSA or a NIST curve in the answer";

    internal const string OnlyEdwards = "its keys are for EdDSA, which the gateway does not verify; expected RSA or P-256, P-384, P-521";

    // The retriever stores the HTTP status in the data of its exception.
    private const string StatusCode = "status_code";

    /// <summary>The message for an exception.</summary>
    internal static string Words(Exception exception)
    {
        for (var one = exception; one is not null; one = one.InnerException)
        {
            if (one is InvalidDataException { Message: NoKey or OnlyEdwards }) return one.Message;
            if (one.Data[StatusCode] is { } status) return Answered(Convert.ToInt32(status, CultureInfo.InvariantCulture));
            if (one is HttpRequestException { StatusCode: { } code }) return Answered((int)code);
            if (one is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } request)
                return $"it cannot be reached ({request.HttpRequestError})";
            if (one is TaskCanceledException or TimeoutException) return "it does not answer";
        }

        return exception.GetType().Name;
    }

    private static string Answered(int status) => status is >= 300 and < 400
        ? $"it answered HTTP {status}, a redirect, and those are not followed: name the URL that it leads to"
        : $"it answered HTTP {status}";
}
