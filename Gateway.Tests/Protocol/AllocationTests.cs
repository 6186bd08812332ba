using System.Buffers;
using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Protocol;

/// <summary>The hot path costs no memory that grows with the envelope.</summary>
public class AllocationTests
{
    [Fact]
    public void Reading_allocates_as_much_for_a_large_envelope_as_for_a_small_one()
    {
        foreach (var make in new Func<int, byte[]>[]
                 {
                     size => Envelopes.Request(Envelopes.Application(1, size)).ToByteArray(),
                     size => Envelopes.Request(Envelopes.Commit(1, size)).ToByteArray(),
                     size => Envelopes.Request(Envelopes.Welcome(1, size)).ToByteArray(),
                 })
        {
            Assert.Equal(AllocatedByReading(make(100)), AllocatedByReading(make(1_000_000)));
            Assert.InRange(AllocatedByReading(make(1_000)), 0, 256);
        }
    }

    [Fact]
    public void Hashing_writing_and_viewing_allocate_nothing()
    {
        Assert.Null(EnvelopeReader.ReadRequest(Envelopes.Request(Envelopes.Application(1, 10_000)).ToByteArray(), out var parsed));
        var output = new ArrayBufferWriter<byte>(20_000);
        var (hash, signature) = (new byte[32], new byte[65]);
        var answer = OriginatorEnvelopeWriter.SignedEnvelope(
            OriginatorEnvelopeWriter.UnsignedEnvelope(1, 2, 3, OriginatorEnvelopeWriter.PayerEnvelope(parsed[0].Bytes.Span)), signature);

        long Run()
        {
            output.ResetWrittenCount();
            var before = GC.GetAllocatedBytesForCurrentThread();
            PayerSignature.Hash(100, parsed[0].Bytes.Span, hash);
            PayerEnvelopeWriter.Write(output, 100, parsed, signature);
            OriginatorEnvelopeView.TryRead(answer, out _);
            OriginatorSignature.Hash(answer, hash);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Run();
        Assert.Equal(0, Run());
    }

    private static long AllocatedByReading(byte[] request)
    {
        EnvelopeReader.ReadRequest(request, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = EnvelopeReader.ReadRequest(request, out _);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Null(fault);
        return allocated;
    }
}
