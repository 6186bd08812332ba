using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Bench.Servers;

/// <summary>Writes a PublishPayerEnvelopesResponse for a PublishPayerEnvelopesRequest: each payer envelope numbered and signed.</summary>
/// <remarks>
/// An answer's size depends on the request's size alone: numbers have fixed widths (fixed-width varints and a nine-byte
/// time), so it is known before anything is written.
/// <code>
/// OriginatorEnvelope          0a len UnsignedOriginatorEnvelope  12 43 RecoverableEcdsaSignature
/// UnsignedOriginatorEnvelope  08 id(5)  10 sequence(9)  18 time(9)  22 len payer envelope  28 fee(5)  38 expiry(5)
/// RecoverableEcdsaSignature   0a 41 r‖s‖v
/// </code>
/// </remarks>
internal sealed class OriginatorWriter(uint nodeId, PrivateKeySigner signer)
{
    private const int NumbersSize = 1 + 5 + 1 + 9 + 1 + 9 + 1 + 5 + 1 + 5;
    private const int SignatureSize = 65;
    private const ulong FeePicodollars = 1_000_000_000;
    private const ulong Expiry = 4_000_000_000;

    // By the clock, so that a node that is started again continues above what it has numbered.
    private long _sequence = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;

    /// <summary>The rates by which a message costs what these nodes say.</summary>
    public static Rates Rates { get; } =
        new(MessageFee: FeePicodollars, StorageFee: 0, CongestionFee: 0, TargetRatePerMinute: 1, StartTime: 2);

    /// <summary>How large the answer to a request is, in bytes.</summary>
    public static int SizeOf(int payerEnvelope)
    {
        var unsigned = UnsignedSize(payerEnvelope);
        return Field(Field(unsigned) + 2 + 2 + SignatureSize);
    }

    /// <summary>How large the answer to this request is, in bytes.</summary>
    public static int GetSize(ReadOnlySpan<byte> request)
    {
        var size = 0;
        while (TryReadEnvelope(ref request, out var envelope)) size += SizeOf(envelope.Length);
        return size;
    }

    /// <summary>How many envelopes a request has.</summary>
    public static int Count(ReadOnlySpan<byte> request)
    {
        var count = 0;
        while (TryReadEnvelope(ref request, out _)) count++;
        return count;
    }

    /// <summary>Writes the answer.</summary>
    public void Write(ReadOnlySpan<byte> request, Span<byte> output)
    {
        while (TryReadEnvelope(ref request, out var envelope)) WriteEnvelope(envelope, ref output);
    }

    private void WriteEnvelope(scoped ReadOnlySpan<byte> payerEnvelope, ref Span<byte> output)
    {
        var unsigned = UnsignedSize(payerEnvelope.Length);
        WriteHeader(ref output, 0x0a, Field(unsigned) + 2 + 2 + SignatureSize);
        WriteHeader(ref output, 0x0a, unsigned);
        var signed = output[..unsigned];
        WriteNumber(ref output, 0x08, nodeId, 5);
        WriteNumber(ref output, 0x10, (ulong)Interlocked.Increment(ref _sequence), 9);
        WriteNumber(ref output, 0x18, (ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100, 9);
        WriteHeader(ref output, 0x22, payerEnvelope.Length);
        payerEnvelope.CopyTo(output);
        output = output[payerEnvelope.Length..];
        WriteNumber(ref output, 0x28, FeePicodollars, 5);
        WriteNumber(ref output, 0x38, Expiry, 5);
        WriteHeader(ref output, 0x12, 2 + SignatureSize);
        WriteHeader(ref output, 0x0a, SignatureSize);
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        OriginatorSignature.Hash(signed, hash);
        signer.Sign(hash, output[..SignatureSize]);
        output = output[SignatureSize..];
    }

    private static int UnsignedSize(int payerEnvelope) => NumbersSize + Field(payerEnvelope);

    private static int Field(int length) => 1 + VarintSize(length) + length;

    private static int VarintSize(int value) => (31 - int.LeadingZeroCount(value | 1)) / 7 + 1;

    private static void WriteHeader(ref Span<byte> output, byte tag, int length) =>
        WriteNumber(ref output, tag, (ulong)length, VarintSize(length));

    private static void WriteNumber(ref Span<byte> output, byte tag, ulong value, int width)
    {
        output[0] = tag;
        for (var i = 1; i <= width; i++, value >>= 7) output[i] = (byte)(value & 0x7f | (i < width ? 0x80u : 0u));
        output = output[(1 + width)..];
    }

    /// <summary>Takes one payer envelope (field 1) off the request.</summary>
    private static bool TryReadEnvelope(ref ReadOnlySpan<byte> request, out ReadOnlySpan<byte> envelope)
    {
        envelope = default;
        if (request.IsEmpty) return false;
        if (request[0] != 0x0a) throw new InvalidDataException("no payer envelope");
        int length = 0, at = 1;
        for (var shift = 0; ; shift += 7)
        {
            var next = request[at++];
            length |= (next & 0x7f) << shift;
            if (next < 0x80) break;
        }
        envelope = request.Slice(at, length);
        request = request[(at + length)..];
        return true;
    }
}
