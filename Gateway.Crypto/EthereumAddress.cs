using System.Buffers;

namespace Xmtp.Gateway.Crypto;

/// <summary>An Ethereum address: 20 bytes, shown with the mixed-case checksum of EIP-55.</summary>
public readonly struct EthereumAddress : IEquatable<EthereumAddress>
{
    /// <summary>The size of an address, in bytes.</summary>
    public const int Size = 20;

    private readonly byte[]? _bytes;

    /// <summary>Copies 20 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 20 bytes long.</exception>
    public EthereumAddress(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"an address is {Size} bytes, this is {bytes.Length}", nameof(bytes));
        _bytes = bytes.ToArray();
    }

    /// <summary>The 20 bytes; all zero for the default value.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes ?? new byte[Size];

    /// <summary>Whether every byte is zero.</summary>
    public bool IsZero => _bytes is null || !_bytes.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>The address of a public key: the last 20 bytes of the Keccak-256 of its 64 coordinate bytes.</summary>
    /// <param name="publicKey">65 bytes, uncompressed.</param>
    /// <exception cref="ArgumentException">The span is not 65 bytes long.</exception>
    public static EthereumAddress FromPublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != CurveSizes.PublicKey)
        {
            throw new ArgumentException(
                $"an uncompressed public key is {CurveSizes.PublicKey} bytes, this is {publicKey.Length}", nameof(publicKey));
        }
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        Keccak256.Hash(publicKey[1..], hash);
        return new EthereumAddress(hash[12..]);
    }

    /// <summary>Reads 40 hexadecimal digits with or without 0x. Mixed case must have a valid EIP-55 checksum.</summary>
    public static bool TryParse(string? text, out EthereumAddress address)
    {
        address = default;
        var digits = text.AsSpan().Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) digits = digits[2..];
        Span<byte> read = stackalloc byte[Size];
        if (digits.Length != 2 * Size || Convert.FromHexString(digits, read, out _, out _) != OperationStatus.Done) return false;

        var parsed = new EthereumAddress(read);
        var mixed = digits.ContainsAnyInRange('a', 'f') && digits.ContainsAnyInRange('A', 'F');
        if (mixed && !digits.SequenceEqual(parsed.ToString().AsSpan(2))) return false;
        address = parsed;
        return true;
    }

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static EthereumAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an Ethereum address");

    /// <inheritdoc/>
    public bool Equals(EthereumAddress other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EthereumAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(Bytes[..4]);

    /// <summary>0x and 40 digits with the EIP-55 checksum.</summary>
    public override string ToString()
    {
        // EIP-55: a letter is upper case where the digit of the hash of the lower-case text is 8 or more.
        Span<byte> ascii = stackalloc byte[2 * Size];
        Convert.TryToHexStringLower(Bytes, ascii, out _);
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        Keccak256.Hash(ascii, hash);
        Span<char> text = stackalloc char[2 + (2 * Size)];
        "0x".CopyTo(text);
        for (var i = 0; i < ascii.Length; i++)
        {
            var nibble = (i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2]) & 0xF;
            text[i + 2] = nibble >= 8 ? char.ToUpperInvariant((char)ascii[i]) : (char)ascii[i];
        }

        return new string(text);
    }

    /// <summary>Equality of the 20 bytes.</summary>
    public static bool operator ==(EthereumAddress left, EthereumAddress right) => left.Equals(right);

    /// <summary>Inequality of the 20 bytes.</summary>
    public static bool operator !=(EthereumAddress left, EthereumAddress right) => !left.Equals(right);
}
