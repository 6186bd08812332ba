using System.Numerics;
using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain;

/// <summary>The Bloom filter in a block's head of the contracts and topics in its logs: no false negatives.</summary>
/// <remarks>2048 bits; an address or a topic sets three of them, by the first six bytes of its Keccak-256 hash.</remarks>
public sealed class LogsBloom
{
    private const int Size = 256;
    private const int BitsPerItem = 3;
    private readonly ReadOnlyMemory<byte> _bits;

    private LogsBloom(ReadOnlyMemory<byte> bits) => _bits = bits;

    /// <summary>Reads a bloom; null when the value is not one.</summary>
    public static LogsBloom? Read(JsonElement json) =>
        HexData.TryParse(JsonText.Of(json), out var bytes) && bytes.Length == Size
            ? new LogsBloom(bytes)
            : null;

    /// <summary>Whether the block may have logs that match the filter.</summary>
    public bool MayContain(LogFilter filter) =>
        (filter.Addresses.Count == 0 || filter.Addresses.Any(address => Has(address.Bytes)))
        && filter.Topics.All(any => any is not { Count: > 0 } || any.Any(topic => Has(topic.ToArray())));

    /// <summary>The probability, 0 to 1, of a match although the block has no such logs, by the number of bits set.</summary>
    public double FalsePositiveRate(LogFilter filter)
    {
        var set = 0;
        foreach (var part in _bits.Span) set += BitOperations.PopCount(part);
        var oneOf = Math.Pow(set / (8d * Size), BitsPerItem);
        var rate = filter.Addresses.Count > 0 ? Math.Min(1, oneOf * filter.Addresses.Count) : 1;
        return filter.Topics.Where(any => any is { Count: > 0 })
            .Aggregate(rate, (product, any) => product * Math.Min(1, oneOf * any!.Count));
    }

    private bool Has(ReadOnlySpan<byte> item)
    {
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        Keccak256.Hash(item, hash);
        for (var i = 0; i < 2 * BitsPerItem; i += 2)
        {
            var bit = ((hash[i] << 8) | hash[i + 1]) & ((8 * Size) - 1);
            if ((_bits.Span[Size - 1 - (bit / 8)] & (1 << (bit % 8))) == 0) return false;
        }

        return true;
    }
}
