using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Math.EC.Multiplier;
using ECPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace Xmtp.Gateway.Crypto;

/// <summary>The curve by BouncyCastle: for machines without libsecp256k1. About five times slower a signature.</summary>
internal sealed class ManagedSecp256k1 : ISecp256k1
{
    private static readonly Org.BouncyCastle.Asn1.X9.X9ECParameters Curve = SecNamedCurves.GetByName("secp256k1");
    private static readonly BigInteger Order = Curve.N;
    private static readonly BigInteger HalfOrder = Order.ShiftRight(1);
    private static readonly FixedPointCombMultiplier Multiplier = new FixedPointCombMultiplier();

    public string Name => "BouncyCastle (managed)";

    public void SignRecoverable(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> privateKey, Span<byte> signature)
    {
        Lengths.Check(hash, 32, nameof(hash));
        Lengths.Check(privateKey, 32, nameof(privateKey));
        Lengths.Check(signature, 65, nameof(signature));
        if (!TryReadScalar(privateKey, out var key)) throw new CryptographicException("not a private key of secp256k1");

        var nonces = new HMacDsaKCalculator(new Sha256Digest());
        nonces.Init(Order, key, hash.ToArray());
        var e = new BigInteger(1, hash);
        while (true)
        {
            var k = nonces.NextK();
            var point = Multiplier.Multiply(Curve.G, k).Normalize();
            var x = point.AffineXCoord.ToBigInteger();
            var r = x.Mod(Order);
            if (r.SignValue == 0) continue;
            var s = k.ModInverse(Order).Multiply(e.Add(key.Multiply(r))).Mod(Order);
            if (s.SignValue == 0) continue;

            // The recovery id is the parity of R's y; negating s negates R. An x over the order is a chance of 2^-127.
            var odd = point.AffineYCoord.ToBigInteger().TestBit(0);
            if (s.CompareTo(HalfOrder) > 0) (s, odd) = (Order.Subtract(s), !odd);
            Write(r, signature[..32]);
            Write(s, signature.Slice(32, 32));
            signature[64] = (byte)(odd ? 1 : 0);
            return;
        }
    }

    public bool Verify(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey)
    {
        if (hash.Length != 32 || signature.Length is not (64 or 65)) return false;
        if (!TryReadSignature(signature, out var r, out var s) || s.CompareTo(HalfOrder) > 0) return false;
        if (!TryReadPoint(publicKey, out var key)) return false;

        var inverse = s.ModInverse(Order);
        var u1 = new BigInteger(1, hash).Multiply(inverse).Mod(Order);
        var u2 = r.Multiply(inverse).Mod(Order);
        var point = ECAlgorithms.SumOfTwoMultiplies(Curve.G, u1, key!, u2).Normalize();
        return !point.IsInfinity && point.AffineXCoord.ToBigInteger().Mod(Order).Equals(r);
    }

    public bool TryRecover(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, Span<byte> publicKey)
    {
        if (hash.Length != 32 || signature.Length != 65 || signature[64] > 1) return false;
        Lengths.Check(publicKey, 65, nameof(publicKey));
        if (!TryReadSignature(signature, out var r, out var s)) return false;

        Span<byte> compressed = stackalloc byte[33];
        compressed[0] = (byte)(2 + signature[64]);
        signature[..32].CopyTo(compressed[1..]);
        if (!TryReadPoint(compressed, out var point)) return false;

        var inverse = r.ModInverse(Order);
        var u1 = Order.Subtract(new BigInteger(1, hash).Mod(Order)).Multiply(inverse).Mod(Order);
        var u2 = s.Multiply(inverse).Mod(Order);
        var key = ECAlgorithms.SumOfTwoMultiplies(Curve.G, u1, point!, u2).Normalize();
        if (key.IsInfinity) return false;
        key.GetEncoded(false).CopyTo(publicKey);
        return true;
    }

    public bool TryGetPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        if (privateKey.Length != 32 || !TryReadScalar(privateKey, out var key)) return false;
        Lengths.Check(publicKey, 65, nameof(publicKey));
        Multiplier.Multiply(Curve.G, key).Normalize().GetEncoded(false).CopyTo(publicKey);
        return true;
    }

    public bool IsValidPublicKey(ReadOnlySpan<byte> publicKey) =>
        publicKey.Length == 65 && publicKey[0] == 4 && TryReadPoint(publicKey, out _);

    private static bool TryReadPoint(ReadOnlySpan<byte> encoded, out ECPoint? point)
    {
        point = null;
        if (encoded.Length is not (33 or 65) || (encoded.Length == 65 && encoded[0] != 4)) return false;
        try
        {
            point = Curve.Curve.DecodePoint(encoded);
            return !point.IsInfinity && point.IsValid();
        }
        catch (ArgumentException)
        {
            return false; // the library's way to say that it is no point of the curve
        }
    }

    private static bool TryReadSignature(ReadOnlySpan<byte> signature, out BigInteger r, out BigInteger s)
    {
        s = BigInteger.Zero;
        return TryReadScalar(signature[..32], out r) && TryReadScalar(signature.Slice(32, 32), out s);
    }

    private static bool TryReadScalar(ReadOnlySpan<byte> bytes, out BigInteger scalar)
    {
        scalar = new BigInteger(1, bytes);
        return scalar.SignValue > 0 && scalar.CompareTo(Order) < 0;
    }

    private static void Write(BigInteger number, Span<byte> target)
    {
        var bytes = number.ToByteArrayUnsigned();
        target.Clear();
        bytes.CopyTo(target[(target.Length - bytes.Length)..]);
    }
}
