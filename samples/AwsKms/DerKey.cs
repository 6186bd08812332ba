using System.Formats.Asn1;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Samples.AwsKms;

/// <summary>Reads a public key in the format of KMS: SubjectPublicKeyInfo, DER.</summary>
public static class DerKey
{
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string Secp256k1Curve = "1.3.132.0.10";

    /// <summary>Reads the uncompressed point, 65 bytes.</summary>
    /// <exception cref="InvalidDataException">It is not a secp256k1 key, or not encoded correctly.</exception>
    public static byte[] Read(ReadOnlyMemory<byte> der)
    {
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var info = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var algorithm = info.ReadSequence();
            if (algorithm.ReadObjectIdentifier() != EllipticCurve || algorithm.ReadObjectIdentifier() != Secp256k1Curve)
                throw new InvalidDataException("the KMS key is not one of secp256k1 (ECC_SECG_P256K1)");
            var point = info.ReadBitString(out var unused);
            info.ThrowIfNotEmpty();
            return unused == 0 && Secp256k1.Default.IsValidPublicKey(point)
                ? point
                : throw new InvalidDataException("the KMS key's point is not on the curve, or not uncompressed");
        }
        catch (AsnContentException exception)
        {
            throw new InvalidDataException("the KMS key is no SubjectPublicKeyInfo", exception);
        }
    }
}
