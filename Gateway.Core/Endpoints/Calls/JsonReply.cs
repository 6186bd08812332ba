using System.Buffers;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// Writes a response in protobuf's JSON form, one envelope after another, so that a batch is never in memory
/// entirely as objects and as text.
/// </summary>
internal static class JsonReply
{
    /// <summary>Writes the response.</summary>
    internal static async Task WriteAsync(HttpResponse response, Reply reply, IUnaryMethod method)
    {
        if (reply.Envelopes.Count == 0)
        {
            var message = new ArrayBufferWriter<byte>((int)Math.Max(1, reply.Size));
            reply.WriteTo(message);
            var whole = Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(method.ReplyType.Parser.ParseFrom(message.WrittenSpan)));
            response.ContentLength = whole.Length;
            await response.BodyWriter.WriteAsync(whole, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        var output = response.BodyWriter;
        output.Write("{ \"originatorEnvelopes\": [ "u8);
        long waiting = 0;
        for (var i = 0; i < reply.Envelopes.Count; i++)
        {
            if (i > 0) output.Write(", "u8);
            waiting += Encoding.UTF8.GetBytes(
                JsonFormatter.Default.Format(OriginatorEnvelope.Parser.ParseFrom(reply.Envelopes[i].OriginatorEnvelope.Span)), output);
            if (waiting < Reply.WholeUpTo) continue;
            await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            waiting = 0;
        }

        output.Write(" ] }"u8);
        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
