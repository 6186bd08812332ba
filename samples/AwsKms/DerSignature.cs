using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Samples.AwsKms;

/// <summary>Converts a signature in the format of KMS (DER, any s, without the key) into Ethereum's r‖s‖v.</summary>
public static class DerSignature
{
    private const int Size = 65;
    private const int Number = 32;

    private static readonly BigInteger Order = BigInteger.Parse(
        "0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Writes 65 bytes r‖s‖v: s in the lower half, v the 0 or 1 that recovers the key.</summary>
    /// <param name="der">A SEQUENCE of the INTEGERs r and s.</param>
    /// <param name="hash">The 32 bytes that were signed.</param>
    /// <param name="publicKey">The key that must have signed: 65 bytes, uncompressed.</param>
    /// <param name="signature">Receives 65 bytes.</param>
    /// <exception cref="InvalidDataException">It is not a signature, or not of this hash by this key.</exception>
    public static void Write(ReadOnlyMemory<byte> der, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> publicKey, Span<byte> signature)
    {
        var (r, s) = Read(der);
        if (s > Order / 2) s = Order - s;
        Put(r, signature[..Number]);
        Put(s, signature.Slice(Number, Number));
        Span<byte> recovered = stackalloc byte[Size];
        for (byte v = 0; v <= 1; v++)
        {
            signature[Size - 1] = v;
            if (Secp256k1.Default.TryRecover(hash, signature[..Size], recovered) && recovered.SequenceEqual(publicKey)) return;
        }

        throw new InvalidDataException("what KMS gave is no signature of this hash by its key");
    }

    private static (BigInteger R, BigInteger S) Read(ReadOnlyMemory<byte> der)
    {
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var pair = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var (r, s) = (pair.ReadInteger(), pair.ReadInteger());
            pair.ThrowIfNotEmpty();
            return r.Sign > 0 && s.Sign > 0 && r < Order && s < Order
                ? (r, s)
                : throw new InvalidDataException("what KMS gave has an r or s out of bounds");
        }
        catch (AsnContentException exception)
        {
            throw new InvalidDataException("what KMS gave is no DER signature", exception);
        }
    }

    private static void Put(BigInteger number, Span<byte> to)
    {
        to.Clear();
        number.TryWriteBytes(to[(Number - number.GetByteCount(isUnsigned: true))..], out _, isUnsigned: true, isBigEndian: true);
    }
}
