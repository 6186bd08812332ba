using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Xmtp.Gateway.Crypto;

/// <summary>A private key of BIP-32 with its chain code, from which further keys are derived. Cleared on dispose.</summary>
/// <remarks>
/// Thread-safe until it is disposed. Key and chain code are in pinned memory, which the garbage collector does not move, so no copies
/// are left behind.
/// </remarks>
internal sealed class DerivedKey : IDisposable
{
    /// <summary>The index of the first hardened child.</summary>
    internal const uint Hardened = 0x8000_0000;

    /// <summary>The least size of a seed in bytes.</summary>
    internal const int MinSeed = 16;

    /// <summary>The max size of a seed in bytes.</summary>
    internal const int MaxSeed = 64;

    private const int Half = 32;
    private const int CompressedPublicKey = 33;

    private readonly byte[] _secret = GC.AllocateArray<byte>(2 * Half, pinned: true);
    private readonly byte[] _publicKey = new byte[CompressedPublicKey];

    private DerivedKey()
    {
    }

    /// <summary>The private key: 32 bytes.</summary>
    internal ReadOnlySpan<byte> PrivateKey => _secret.AsSpan(0, Half);

    /// <summary>The chain code: 32 bytes.</summary>
    internal ReadOnlySpan<byte> ChainCode => _secret.AsSpan(Half);

    /// <summary>The public key: 33 bytes, compressed.</summary>
    internal ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>The master key of a seed.</summary>
    /// <param name="seed">16 to 64 bytes. The caller clears them.</param>
    /// <returns>Null when the seed has no master key (with a probability of 2⁻¹²⁷).</returns>
    /// <exception cref="ArgumentException">The seed has another size.</exception>
    internal static DerivedKey? Master(ReadOnlySpan<byte> seed)
    {
        if (seed.Length is < MinSeed or > MaxSeed) throw new ArgumentException($"a seed is {MinSeed} to {MaxSeed} bytes", nameof(seed));
        var key = new DerivedKey();
        HMACSHA512.HashData("Bitcoin seed"u8, seed, key._secret);
        return key.Completed(isValid: true);
    }

    /// <summary>Derives the child of an index.</summary>
    /// <param name="index">From <see cref="Hardened"/> on a hardened one.</param>
    /// <returns>Null when the index has no key (with a probability of 2⁻¹²⁷).</returns>
    internal DerivedKey? Child(uint index)
    {
        Span<byte> data = stackalloc byte[CompressedPublicKey + sizeof(uint)];
        data.Clear();
        if (index >= Hardened) PrivateKey.CopyTo(data[1..]);
        else _publicKey.CopyTo(data);
        BinaryPrimitives.WriteUInt32BigEndian(data[CompressedPublicKey..], index);
        var child = new DerivedKey();
        HMACSHA512.HashData(ChainCode, data, child._secret);
        CryptographicOperations.ZeroMemory(data);
        return child.Completed(Secp256k1.Native.TryAdd(child._secret.AsSpan(0, Half), PrivateKey));
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);

    private DerivedKey? Completed(bool isValid)
    {
        Span<byte> point = stackalloc byte[CurveSizes.PublicKey];
        if (!isValid || !Secp256k1.Default.TryGetPublicKey(PrivateKey, point))
        {
            Dispose();
            return null;
        }

        _publicKey[0] = (byte)(2 + (point[^1] & 1));
        point.Slice(1, Half).CopyTo(_publicKey.AsSpan(1));
        return this;
    }
}
