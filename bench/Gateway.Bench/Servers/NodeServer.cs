using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography.X509Certificates;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Servers;

/// <summary>
/// A node that costs little: it numbers and signs each payer envelope and checks nothing. Written over bytes, so that
/// on a small machine the server that is measured gets the processor. With <c>--call-cost</c> and <c>--envelope-cost</c> it
/// takes as long as a real one (<see cref="NodeWorker"/>), and refuses calls that contain a refused topic. With <c>--certificate</c> and
/// <c>--certificate-key</c> it serves over TLS.
/// </summary>
internal sealed class NodeServer : IBenchCommand
{
    private const int PrefixSize = 5;

    public string Name => "node";

    public string? Summary => null;

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        using var certificate = Option(args, "--certificate") is { } file && Option(args, "--certificate-key") is { } key
            ? X509Certificate2.CreateFromPemFile(file, key)
            : null;
        var builder = LoopbackServer.CreateBuilder(int.Parse(Option(args, "--port") ?? "0", CultureInfo.InvariantCulture), certificate);
        builder.Services.AddRouting();
        var app = builder.Build();
        if (!PrivateKeySigner.TryParse(args[1], out var signer)) throw new ArgumentException("the node's key is not valid");
        var writer = new OriginatorWriter(uint.Parse(args[0]), signer);
        using var worker = Option(args, "--call-cost") is { } callCost && Option(args, "--envelope-cost") is { } envelopeCost
            ? new NodeWorker(NodeWorker.ReadTime(callCost), NodeWorker.ReadTime(envelopeCost))
            : null;
        app.MapPost(PublishMethods.ToNode.FullName, call => AnswerAsync(call, writer, worker));
        app.MapPost(PublishMethods.ToOlderNode.FullName, call => AnswerAsync(call, writer, worker));
        return await LoopbackServer.ServeAsync(app, cancellationToken);
    }

    private static string? Option(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static async Task AnswerAsync(HttpContext call, OriginatorWriter writer, NodeWorker? worker)
    {
        var body = call.Request.BodyReader;
        var read = await ReadWholeAsync(body, call.RequestAborted);
        call.Response.ContentType = "application/grpc";
        if (worker is not null && !await WorkAsync(worker, read.Buffer))
        {
            body.AdvanceTo(read.Buffer.End);
            call.Response.Headers["grpc-status"] = "3";
            call.Response.Headers["grpc-message"] = "a topic of this call is refused";
            return;
        }
        call.Response.DeclareTrailer("grpc-status");
        WriteAnswer(read.Buffer, call.Response.BodyWriter, writer);
        body.AdvanceTo(read.Buffer.End);
        call.Response.AppendTrailer("grpc-status", "0");
        await call.Response.BodyWriter.FlushAsync(call.RequestAborted);
    }

    // False when the call is refused, which costs as much as a call without envelopes.
    private static async Task<bool> WorkAsync(NodeWorker worker, ReadOnlySequence<byte> frame)
    {
        var request = frame.Slice(PrefixSize).ToArray();
        var isRefused = request.AsSpan().IndexOf(BenchEnvelope.RefusedGroup) >= 0;
        await worker.DoAsync(isRefused ? 0 : OriginatorWriter.Count(request));
        return !isRefused;
    }

    /// <summary>Waits until the request's whole frame is there: one byte of compression, four of length, the message.</summary>
    private static async ValueTask<ReadResult> ReadWholeAsync(PipeReader body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (read.IsCompleted) return read;
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static void WriteAnswer(ReadOnlySequence<byte> frame, PipeWriter output, OriginatorWriter writer)
    {
        var request = frame.Slice(PrefixSize);
        if (request.IsSingleSegment)
        {
            WriteAnswer(request.FirstSpan, output, writer);
            return;
        }
        var joined = ArrayPool<byte>.Shared.Rent((int)request.Length);
        request.CopyTo(joined);
        WriteAnswer(joined.AsSpan(0, (int)request.Length), output, writer);
        ArrayPool<byte>.Shared.Return(joined);
    }

    private static void WriteAnswer(ReadOnlySpan<byte> request, PipeWriter output, OriginatorWriter writer)
    {
        var size = OriginatorWriter.GetSize(request);
        var span = output.GetSpan(PrefixSize + size);
        span[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], size);
        writer.Write(request, span.Slice(PrefixSize, size));
        output.Advance(PrefixSize + size);
    }
}
