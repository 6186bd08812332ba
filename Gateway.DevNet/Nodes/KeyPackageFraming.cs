using System.Buffers.Binary;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>
/// Checks that bytes are framed as a KeyPackage (RFC 9420, sections 7.2 and 10). Signatures, lifetimes and keys are not
/// checked.
/// </summary>
/// <remarks>
/// <code>
/// key package: uint16 version (1)  uint16 cipher suite  init_key&lt;V&gt;  leaf node  extensions&lt;V&gt;  signature&lt;V&gt;
/// leaf node: encryption_key&lt;V&gt; signature_key&lt;V&gt; credential five lists&lt;V&gt; of uint16 source
/// extensions&lt;V&gt; signature&lt;V&gt;
/// credential:  uint16 type  1 basic: identity&lt;V&gt;, 2 X.509: certificates&lt;V&gt;, others: content&lt;V&gt;
/// source:      uint8, of a key package 1: uint64 not_before  uint64 not_after
/// </code>
/// Every length is checked against the remaining bytes.
/// </remarks>
internal static class KeyPackageFraming
{
    private const int CapabilityLists = 5;

    /// <summary>Checks a key package.</summary>
    /// <returns>Null, or the part that is invalid.</returns>
    public static string? Check(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        if (!TryTake(ref rest, 2, out var version) || BinaryPrimitives.ReadUInt16BigEndian(version) != 1) return "its MLS version is not 1";
        if (!TryTake(ref rest, 2, out _)) return "its cipher suite is missing";
        if (!TrySkipOpaque(ref rest)) return "its init key is broken";
        if (CheckLeafNode(ref rest) is { } leaf) return leaf;
        if (!TrySkipOpaque(ref rest)) return "its extensions are broken";
        if (!TrySkipOpaque(ref rest)) return "its signature is broken";
        return rest.IsEmpty ? null : "there are bytes behind it";
    }

    private static string? CheckLeafNode(ref ReadOnlySpan<byte> rest)
    {
        if (!TrySkipOpaque(ref rest) || !TrySkipOpaque(ref rest)) return "its leaf node's keys are broken";
        if (!TryTake(ref rest, 2, out _) || !TrySkipOpaque(ref rest)) return "its leaf node's credential is broken";
        for (var i = 0; i < CapabilityLists; i++)
            if (!TrySkipOpaque(ref rest))
                return "its leaf node's capabilities are broken";
        if (!TryTake(ref rest, 1, out var source) || source[0] != 1) return "its leaf node is not that of a key package";
        if (!TryTake(ref rest, 2 * sizeof(ulong), out _)) return "its leaf node's lifetime is missing";
        return TrySkipOpaque(ref rest) && TrySkipOpaque(ref rest) ? null : "its leaf node's extensions or signature are broken";
    }

    // opaque<V>: the top two bits of the first byte say whether the length has 1, 2 or 4 bytes (RFC 9420, section 2.1.2).
    private static bool TrySkipOpaque(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty) return false;
        var prefix = rest[0] >> 6;
        if (prefix == 3 || !TryTake(ref rest, 1 << prefix, out var bytes)) return false;
        var length = bytes[0] & 0x3F;
        foreach (var b in bytes[1..]) length = (length << 8) | b;
        return TryTake(ref rest, length, out _);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, int count, out ReadOnlySpan<byte> taken)
    {
        if (rest.Length < count)
        {
            taken = default;
            return false;
        }

        taken = rest[..count];
        rest = rest[count..];
        return true;
    }
}
