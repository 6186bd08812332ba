using System.Buffers;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// Writes a response in protobuf's JSON form, one envelope after another, so that a batch is never in memory
/// entirely as objects and as strings; only a gRPC frame needs all of it as UTF-8.
/// </summary>
internal static class JsonReply
{
    private static ReadOnlySpan<byte> EndOfList => " ] }"u8;

    /// <summary>Writes the response to the connection.</summary>
    internal static async Task WriteAsync(HttpResponse response, Reply reply, IUnaryMethod method)
    {
        if (reply.Envelopes.Count == 0)
        {
            var whole = Whole(reply, method);
            response.ContentLength = whole.Length;
            await response.BodyWriter.WriteAsync(whole, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        var output = response.BodyWriter;
        long waiting = 0;
        for (var i = 0; i < reply.Envelopes.Count; i++)
        {
            waiting += WriteEnvelope(output, reply, i);
            if (waiting < Reply.WholeUpTo) continue;
            await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            waiting = 0;
        }

        output.Write(EndOfList);
        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The response in a buffer, which the caller disposes of.</summary>
    internal static ReplyBuffer Render(in Reply reply, IUnaryMethod method, CallBytes bytes)
    {
        var output = new ReplyBuffer(bytes);
        WriteTo(output, reply, method);
        return output;
    }

    /// <summary>Writes the response at once.</summary>
    internal static void WriteTo(IBufferWriter<byte> output, in Reply reply, IUnaryMethod method)
    {
        if (reply.Envelopes.Count == 0)
        {
            output.Write(Whole(reply, method));
            return;
        }

        for (var i = 0; i < reply.Envelopes.Count; i++) WriteEnvelope(output, reply, i);
        output.Write(EndOfList);
    }

    private static long WriteEnvelope(IBufferWriter<byte> output, in Reply reply, int index)
    {
        output.Write(index == 0 ? "{ \"originatorEnvelopes\": [ "u8 : ", "u8);
        return Encoding.UTF8.GetBytes(
            JsonFormatter.Default.Format(OriginatorEnvelope.Parser.ParseFrom(reply.Envelopes[index].OriginatorEnvelope.Span)), output);
    }

    private static byte[] Whole(in Reply reply, IUnaryMethod method)
    {
        if (reply.Json is { } json) return json;
        var message = new ArrayBufferWriter<byte>((int)Math.Max(1, reply.Size));
        reply.WriteTo(message);
        return Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(method.ReplyType.Parser.ParseFrom(message.WrittenSpan)));
    }
}
