using System.Buffers.Binary;
using Nethereum.RLP;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>The fields of a transaction, each encoded in RLP.</summary>
/// <remarks>A number is its big-endian bytes without leading zeros, so zero is no bytes.</remarks>
internal static class TransactionFields
{
    /// <summary>The access list of every transaction here: empty.</summary>
    public static readonly byte[] EmptyList = RLP.EncodeList();

    /// <summary>A number.</summary>
    public static byte[] Number(UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return Number(bytes);
    }

    /// <summary>A number of up to 256 bits, as big-endian bytes that may have leading zeros, such as r and s of a signature.</summary>
    public static byte[] Number(ReadOnlySpan<byte> bigEndian) => Bytes(bigEndian.TrimStart((byte)0));

    /// <summary>Bytes as they are.</summary>
    public static byte[] Bytes(ReadOnlySpan<byte> value) => RLP.EncodeElement(value.ToArray());
}
