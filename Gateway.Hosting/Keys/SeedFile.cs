using System.Buffers;
using System.Security.Cryptography;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>
/// The keys of a file with a seed of BIP-32: those of the path <c>m/44'/60'/0'/0/INDEX</c>, as wallets for Ethereum have them. The file
/// is read once, and the key above them is derived once. Cleared on dispose.
/// </summary>
/// <remarks>A fault contains neither the contents nor the path: a seed may have been given in place of a path.</remarks>
internal sealed class SeedFile : IDisposable
{
    /// <summary>The highest index of a key.</summary>
    public const int MaxIndex = int.MaxValue;

    private const uint Purpose = 44, Coin = 60;

    private readonly DerivedKey? _parent;
    private readonly IReadOnlyList<string> _faults;
    private readonly IReadOnlyList<string> _warnings;
    private bool _isReported;

    private SeedFile(DerivedKey? parent, IReadOnlyList<string> faults, IReadOnlyList<string> warnings)
    {
        _parent = parent;
        _faults = faults;
        _warnings = warnings;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="setting">The setting that named the file first, for faults.</param>
    /// <param name="path">The file: 32 to 128 hexadecimal digits, with or without 0x.</param>
    public static SeedFile Read(string setting, string path)
    {
        using var file = SecretFile.Read(setting, path, out var fault);
        if (file is null) return new SeedFile(null, [fault!], []);
        var seed = GC.AllocateArray<byte>(DerivedKey.MaxSeed, pinned: true);
        try
        {
            return ParentOf(file.Text, seed) is { } parent
                ? new SeedFile(parent, [], file.Warning is { } warning ? [warning] : [])
                : new SeedFile(
                    null,
                    [
                        $"{setting}: what the file holds is not a seed; expected {2 * DerivedKey.MinSeed} to {2 * DerivedKey.MaxSeed} " +
                        "hexadecimal digits, two for each byte, with or without 0x",
                    ],
                    []);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The key of an index. The faults and warnings of the file are those of the first key that is asked for.</summary>
    /// <param name="setting">The setting that gave the index, for faults.</param>
    /// <param name="index">From 0 to <see cref="MaxIndex"/>.</param>
    public PayerKey KeyOf(string setting, int index)
    {
        var (faults, warnings) = _isReported ? ([], []) : (_faults, _warnings);
        _isReported = true;
        if (_parent is null) return new PayerKey(null, setting, faults, warnings);
        using var key = _parent.Child((uint)index);
        return key is not null && PrivateKeySigner.TryCreate(key.PrivateKey, out var signer)
            ? new PayerKey(signer, setting, faults, warnings)
            : new PayerKey(null, setting, [$"{setting}: the seed has no key of this index; expected another one"], warnings);
    }

    /// <inheritdoc/>
    public void Dispose() => _parent?.Dispose();

    private static DerivedKey? ParentOf(ReadOnlySpan<char> text, byte[] seed)
    {
        var digits = text.Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) digits = digits[2..];
        if (digits.Length is < 2 * DerivedKey.MinSeed or > 2 * DerivedKey.MaxSeed
            || Convert.FromHexString(digits, seed, out _, out var size) != OperationStatus.Done)
        {
            return null;
        }

        var key = DerivedKey.Master(seed.AsSpan(0, size));
        foreach (var index in (ReadOnlySpan<uint>)[Purpose | DerivedKey.Hardened, Coin | DerivedKey.Hardened, DerivedKey.Hardened, 0])
        {
            using var above = key;
            key = above?.Child(index);
        }

        return key;
    }
}
