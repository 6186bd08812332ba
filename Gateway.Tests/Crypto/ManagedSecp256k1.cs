using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Math.EC.Multiplier;
using Org.BouncyCastle.Utilities;
using Xmtp.Gateway.Crypto;
using ECPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace Xmtp.Gateway.Tests.Crypto;

/// <summary>
/// The curve by BouncyCastle, written apart from libsecp256k1: what the native one is checked against. Lengths are the
/// caller's to check.
/// </summary>
/// <remarks>The recovery id comes from the point R of the signature itself, not from trying.</remarks>
internal sealed class ManagedSecp256k1 : ISecp256k1
{
    private const int CoordinateSize = 32;

    private static readonly X9ECParameters Curve = CustomNamedCurves.GetByName("secp256k1");
    private static readonly BigInteger Order = Curve.N;
    private static readonly BigInteger HalfOrder = Curve.N.ShiftRight(1);
    private static readonly BigInteger FieldPrime = Curve.Curve.Field.Characteristic;
    private static readonly FixedPointCombMultiplier Multiplier = new();

    /// <inheritdoc/>
    public string Name => "BouncyCastle (managed)";

    /// <inheritdoc/>
    public void SignRecoverable(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> privateKey, Span<byte> signature)
    {
        var d = new BigInteger(1, privateKey);
        if (!IsScalar(d)) throw new CryptographicException("the 32 bytes are no private key of the curve");

        var z = new BigInteger(1, hash).Mod(Order);
        Span<byte> reduced = stackalloc byte[CurveSizes.Hash];
        BigIntegers.AsUnsignedByteArray(z, reduced);
        Span<byte> secrets = stackalloc byte[96];
        var nonces = new Rfc6979Nonce(privateKey, reduced, secrets[..64]);
        do
        {
            nonces.Next(secrets[64..]);
        }
        while (!TrySignWith(new BigInteger(1, secrets[64..]), d, z, signature));
        CryptographicOperations.ZeroMemory(secrets);
    }

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey)
    {
        if (signature.Length is not (CurveSizes.Signature or CurveSizes.CompactSignature)) return false;
        var (r, s) = ReadScalars(signature);
        if (!IsScalar(r) || !IsScalar(s) || s.CompareTo(HalfOrder) > 0 || ReadPoint(publicKey) is not { } key) return false;

        var w = BigIntegers.ModOddInverseVar(Order, s);
        var u1 = new BigInteger(1, hash).Multiply(w).Mod(Order);
        var u2 = r.Multiply(w).Mod(Order);
        var point = ECAlgorithms.SumOfTwoMultiplies(Curve.G, u1, key, u2).Normalize();
        return !point.IsInfinity && point.AffineXCoord.ToBigInteger().Mod(Order).Equals(r);
    }

    /// <inheritdoc/>
    public bool TryRecover(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, Span<byte> publicKey)
    {
        if (signature.Length != CurveSizes.Signature || signature[CurveSizes.CompactSignature] > 1) return false;
        var (r, s) = ReadScalars(signature);
        if (!IsScalar(r) || !IsScalar(s) || LiftX(r, odd: signature[CurveSizes.CompactSignature] == 1) is not { } point) return false;

        var inverse = BigIntegers.ModOddInverseVar(Order, r);
        var u1 = Order.Subtract(new BigInteger(1, hash).Multiply(inverse).Mod(Order));
        var u2 = s.Multiply(inverse).Mod(Order);
        var key = ECAlgorithms.SumOfTwoMultiplies(Curve.G, u1, point, u2).Normalize();
        if (key.IsInfinity) return false;
        key.EncodeTo(compressed: false, publicKey[..CurveSizes.PublicKey]);
        return true;
    }

    /// <inheritdoc/>
    public bool TryGetPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        if (privateKey.Length != CurveSizes.PrivateKey) return false;
        var d = new BigInteger(1, privateKey);
        if (!IsScalar(d)) return false;
        Multiplier.Multiply(Curve.G, d).Normalize().EncodeTo(compressed: false, publicKey[..CurveSizes.PublicKey]);
        return true;
    }

    /// <inheritdoc/>
    public bool IsValidPublicKey(ReadOnlySpan<byte> publicKey) => ReadPoint(publicKey) is not null;

    private static bool TrySignWith(BigInteger k, BigInteger d, BigInteger z, Span<byte> signature)
    {
        if (!IsScalar(k)) return false;
        var point = Multiplier.Multiply(Curve.G, k).Normalize();
        var x = point.AffineXCoord.ToBigInteger();
        // An x of R that is not below the order would need a recovery id of 2 or 3, which Ethereum has no room for.
        if (x.SignValue == 0 || x.CompareTo(Order) >= 0) return false;

        var s = BigIntegers.ModOddInverse(Order, k).Multiply(z.Add(x.Multiply(d))).Mod(Order);
        if (s.SignValue == 0) return false;
        var odd = point.AffineYCoord.ToBigInteger().TestBit(0);
        if (s.CompareTo(HalfOrder) > 0) (s, odd) = (Order.Subtract(s), !odd);
        BigIntegers.AsUnsignedByteArray(x, signature[..CoordinateSize]);
        BigIntegers.AsUnsignedByteArray(s, signature.Slice(CoordinateSize, CoordinateSize));
        signature[CurveSizes.CompactSignature] = odd ? (byte)1 : (byte)0;
        return true;
    }

    private static bool IsScalar(BigInteger value) => value.SignValue > 0 && value.CompareTo(Order) < 0;

    private static (BigInteger R, BigInteger S) ReadScalars(ReadOnlySpan<byte> signature) =>
        (new BigInteger(1, signature[..CoordinateSize]), new BigInteger(1, signature.Slice(CoordinateSize, CoordinateSize)));

    private static ECPoint? ReadPoint(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != CurveSizes.PublicKey || publicKey[0] != 4) return null;
        var x = new BigInteger(1, publicKey.Slice(1, CoordinateSize));
        var y = new BigInteger(1, publicKey[(1 + CoordinateSize)..]);
        if (x.CompareTo(FieldPrime) >= 0 || y.CompareTo(FieldPrime) >= 0) return null;
        var point = Curve.Curve.CreatePoint(x, y);
        return point.IsValid() ? point : null;
    }

    // The point with this x and an odd or an even y: y² = x³ + 7. Null when no point has this x.
    private static ECPoint? LiftX(BigInteger x, bool odd)
    {
        var field = Curve.Curve.FromBigInteger(x);
        var y = field.Square().Multiply(field).Add(Curve.Curve.B).Sqrt();
        if (y is null) return null;
        if (y.TestBitZero() != odd) y = y.Negate();
        return Curve.Curve.CreatePoint(x, y.ToBigInteger());
    }
}
