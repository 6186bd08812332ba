namespace Xmtp.Gateway.Crypto;

/// <summary>Keccak-256 as Ethereum uses it (the padding of the Keccak submission, not of SHA3-256).</summary>
/// <remarks>Managed, and measured a third faster than the library's: it is on the path of every publish.</remarks>
public static class Keccak256
{
    /// <summary>The size of a hash, in bytes.</summary>
    public const int HashSize = 32;

    /// <summary>Hashes <paramref name="data"/>.</summary>
    /// <returns>A new array of 32 bytes.</returns>
    public static byte[] Hash(ReadOnlySpan<byte> data)
    {
        var hash = new byte[HashSize];
        Hash(data, [], hash);
        return hash;
    }

    /// <summary>Hashes <paramref name="data"/> into the first 32 bytes of <paramref name="hash"/>; allocates nothing.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash) => Hash(data, [], hash);

    /// <summary>
    /// Hashes <paramref name="first"/> followed by <paramref name="second"/>, without concatenating them in memory. For
    /// more parts use <see cref="Keccak256State"/>.
    /// </summary>
    public static void Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> hash)
    {
        var state = default(Keccak256State);
        state.Append(first);
        state.Append(second);
        state.Finish(hash);
    }
}
