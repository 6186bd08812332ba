using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing;

/// <summary>The single check and error message for an envelope that is too large for its destination.</summary>
internal static class EnvelopeSize
{
    /// <summary>Finds the first envelope that is too large.</summary>
    /// <param name="envelopes">The envelopes of one flow.</param>
    /// <param name="largest">The max size, in bytes.</param>
    /// <param name="takes">The subject and verb of the message, such as <c>the App Chain takes</c>.</param>
    internal static PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes, int largest, string takes)
    {
        for (var i = 0; i < envelopes.Count; i++)
            if (envelopes[i].Bytes.Length > largest)
                return TooLarge(envelopes[i], largest, takes);
        return null;
    }

    private static PublishError TooLarge(ParsedEnvelope envelope, int largest, string takes) =>
        new(PublishErrorKind.InvalidArgument, $"envelopes[{envelope.Index}]: {envelope.Bytes.Length} bytes, {takes} at most {largest}")
        {
            EnvelopeIndex = envelope.Index,
        };
}
