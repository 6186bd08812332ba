using System.Buffers;
using System.IO.Pipelines;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>The result of a call, independent of the protocol: a message, or an error.</summary>
/// <remarks>A published batch is written from the originators' own bytes; nothing is serialized again.</remarks>
internal readonly record struct Reply
{
    /// <summary>Responses up to this size are written in one piece, in bytes.</summary>
    internal const int WholeUpTo = 256 * 1024;

    private readonly byte[]? _message;

    private Reply(byte[]? message, IReadOnlyList<EnvelopeOutcome> envelopes, PublishError? error)
    {
        _message = message;
        Envelopes = envelopes;
        Error = error;
    }

    /// <summary>Null when the call succeeded.</summary>
    internal PublishError? Error { get; }

    /// <summary>
    /// The outcomes of a publish, in the request's order; empty for other calls, and for a request that was refused entirely.
    /// </summary>
    internal IReadOnlyList<EnvelopeOutcome> Envelopes { get; }

    /// <summary>The cost for the trailer; null for no such trailer.</summary>
    internal Picodollars? Cost { get; init; }

    /// <summary>The JSON form, in UTF-8, of a message whose JSON is not protobuf's own; else null.</summary>
    internal byte[]? Json { get; init; }

    /// <summary>The size of the message, in bytes.</summary>
    internal long Size
    {
        get
        {
            if (_message is not null) return _message.Length;
            var size = 0L;
            for (var i = 0; i < Envelopes.Count; i++) size += PublishResponseWriter.GetSize(Envelopes[i].OriginatorEnvelope.Length);
            return size;
        }
    }

    internal static Reply Ok(byte[] message) => new(message, [], null);

    internal static Reply Failed(PublishError error) => new(null, [], error);

    internal static Reply Failed(PublishErrorKind kind, string message) => Failed(new PublishError(kind, message));

    internal static Reply Of(PublishOutcome outcome)
    {
        var reply = new Reply(null, outcome.Envelopes, outcome.Error);
        return reply.Error is null && reply.Size > MessageLimit.Bytes
            ? new Reply(null, outcome.Envelopes, MessageLimit.ReplyTooLarge)
            : reply;
    }

    /// <summary>Writes a message, and waits in between while the caller has not received what was written.</summary>
    internal async ValueTask WriteInPartsAsync(PipeWriter output)
    {
        if (Size <= WholeUpTo || _message is not null)
        {
            WriteTo(output);
            return;
        }

        var waiting = 0;
        for (var i = 0; i < Envelopes.Count; i++)
        {
            PublishResponseWriter.Write(output, Envelopes[i].OriginatorEnvelope.Span);
            if ((waiting += Envelopes[i].OriginatorEnvelope.Length) < WholeUpTo) continue;
            await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            waiting = 0;
        }

        // Kestrel does not send what is written after a flush until the next one, over HTTP/1.1 with a content length.
        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Writes the message.</summary>
    internal void WriteTo(IBufferWriter<byte> output)
    {
        if (_message is not null)
        {
            output.Write(_message);
            return;
        }

        for (var i = 0; i < Envelopes.Count; i++) PublishResponseWriter.Write(output, Envelopes[i].OriginatorEnvelope.Span);
    }
}
