using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Nethereum.KeyStore.Crypto;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>An encrypted key file: Web3 Secret Storage, version 3, with scrypt or PBKDF2 and AES-128-CTR.</summary>
/// <remarks>
/// The parameters are limited before anything is computed: scrypt takes 128·n·r bytes of memory, which a malicious or
/// damaged file could set to all memory of the machine. geth's default (n 262144, r 8) takes 256 MiB.
/// </remarks>
internal sealed class Keystore
{
    /// <summary>The max memory of scrypt, in bytes.</summary>
    public const long MaxScryptMemory = 512L << 20;

    /// <summary>The max work of scrypt: n·r·p, 8 times geth's default.</summary>
    public const long MaxScryptWork = 1L << 24;

    /// <summary>The max iterations of PBKDF2.</summary>
    public const int MaxIterations = 10_000_000;

    private const int MinDerivedKey = 32;
    private const int MaxDerivedKey = 1024;
    private const int PrivateKeySize = 32;

    private readonly byte[] _cipherText;
    private readonly byte[] _vector;
    private readonly byte[] _mac;
    private readonly Func<byte[], byte[]> _derive;
    private readonly EthereumAddress? _address;

    private Keystore(JsonElement root, JsonElement crypto)
    {
        Require(Text(crypto, "cipher") == "aes-128-ctr", "its cipher is not aes-128-ctr");
        _cipherText = Hex(crypto, "ciphertext");
        _mac = Hex(crypto, "mac");
        _vector = Hex(Member(crypto, "cipherparams"), "iv");
        Require(
            _cipherText.Length is > 0 and <= PrivateKeySize && _vector.Length == 16 && _mac.Length == 32,
            "ciphertext, iv or mac has a wrong size");
        var parameters = Member(crypto, "kdfparams");
        _derive = Text(crypto, "kdf") switch
        {
            "scrypt" => Scrypt(parameters),
            "pbkdf2" => Pbkdf2(parameters),
            _ => throw new KeystoreException("its kdf is neither scrypt nor pbkdf2"),
        };
        if (root.TryGetProperty("address", out var named)
            && named is { ValueKind: JsonValueKind.String }
            && named.GetString() is { Length: > 0 } text)
        {
            var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
            Require(EthereumAddress.TryParse("0x" + digits.ToLowerInvariant(), out var parsed), "its address is none");
            _address = parsed;
        }
    }

    /// <summary>The address that the file names; null when it names none.</summary>
    public EthereumAddress? Address => _address;

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="KeystoreException">The text is not a usable key file; the message says why and shows none of
    /// it.</exception>
    public static Keystore Read(ReadOnlySpan<char> text)
    {
        Require(!PrivateKeySigner.TryParse(text, out _), "it holds a bare key, which --payer.private-key-file is for");
        try
        {
            using var json = JsonDocument.Parse(text.ToString());
            var root = json.RootElement;
            Require(root.ValueKind == JsonValueKind.Object, "it is not a JSON object");
            Require(
                root.TryGetProperty("version", out var version)
                    && version.ValueKind == JsonValueKind.Number
                    && version.TryGetInt32(out var number)
                    && number == 3,
                "its version is not 3");
            return new Keystore(root, root.TryGetProperty("Crypto", out var old) ? old : Member(root, "crypto"));
        }
        catch (JsonException)
        {
            throw new KeystoreException("it is not JSON");
        }
    }

    /// <summary>Decrypts the key. Takes about a second, and up to <see cref="MaxScryptMemory"/> during that time.</summary>
    /// <returns>Null when the password is wrong or the file is damaged.</returns>
    /// <exception cref="KeystoreException">The content is not a key, or not the key of the stated address.</exception>
    public PrivateKeySigner? Open(ReadOnlySpan<char> password)
    {
        var secret = new byte[Encoding.UTF8.GetByteCount(password)];
        var whole = new byte[PrivateKeySize];
        byte[] derived = [], key = [];
        try
        {
            Encoding.UTF8.GetBytes(password, secret);
            derived = _derive(secret);
            if (!CryptographicOperations.FixedTimeEquals(Mac(derived), _mac)) return null;
            key = new KeyStoreCrypto().GenerateAesCtrCipher(_vector, derived[..16], _cipherText);

            // Some programs write a key without its leading zeros.
            key.CopyTo(whole, PrivateKeySize - key.Length);
            Require(PrivateKeySigner.TryCreate(whole, out var signer), "what it holds is not a private key of secp256k1");
            Require(_address is null || _address == signer!.Address, $"its address is {_address}, and its key has another one");
            return signer;
        }
        catch (ArgumentException)
        {
            throw new KeystoreException("its scrypt parameters cannot be used");
        }
        catch (OutOfMemoryException)
        {
            throw new KeystoreException("opening it takes more memory than this process has");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(derived);
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(whole);

            // Frees hundreds of megabytes that are not needed again.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    private byte[] Mac(byte[] derived) => Keccak256.Hash([.. derived[16..32], .. _cipherText]);

    private static Func<byte[], byte[]> Scrypt(JsonElement parameters)
    {
        var (n, r, p, size, salt) = (
            Number(parameters, "n"), Number(parameters, "r"), Number(parameters, "p"), DerivedSize(parameters), Hex(parameters, "salt"));
        Require(n > 1 && BitOperations.IsPow2(n), "its scrypt n is not a power of two");
        Require((Int128)n * r * 128 <= MaxScryptMemory && (Int128)n * r * p <= MaxScryptWork,
            $"its scrypt cost is out of bounds; expected at most {MaxScryptMemory >> 20} MiB of memory (128·n·r) and n·r·p " +
            $"of {MaxScryptWork}");
        return password => new KeyStoreCrypto().GenerateDerivedScryptKey(password, salt, n, r, p, size);
    }

    private static Func<byte[], byte[]> Pbkdf2(JsonElement parameters)
    {
        var (count, size, salt) = (Number(parameters, "c"), DerivedSize(parameters), Hex(parameters, "salt"));
        Require(Text(parameters, "prf") == "hmac-sha256", "its prf is not hmac-sha256");
        Require(count <= MaxIterations, $"its pbkdf2 count is out of bounds; expected at most {MaxIterations}");
        return password => Rfc2898DeriveBytes.Pbkdf2(password, salt, count, HashAlgorithmName.SHA256, size);
    }

    private static int DerivedSize(JsonElement parameters)
    {
        var size = Number(parameters, "dklen");
        Require(size is >= MinDerivedKey and <= MaxDerivedKey, $"its dklen is not from {MinDerivedKey} to {MaxDerivedKey}");
        return size;
    }

    private static JsonElement Member(JsonElement of, string name)
    {
        Require(of.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Object, $"it has no {name}");
        return member;
    }

    private static string Text(JsonElement of, string name)
    {
        Require(of.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String, $"it has no {name}");
        return member.GetString()!;
    }

    // At least 1.
    private static int Number(JsonElement of, string name)
    {
        Require(of.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number, $"it has no {name}");
        Require(member.TryGetInt32(out var number) && number >= 1, $"its {name} is out of bounds");
        return number;
    }

    private static byte[] Hex(JsonElement of, string name)
    {
        var digits = Text(of, name);
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) digits = digits[2..];
        try
        {
            return Convert.FromHexString(digits);
        }
        catch (FormatException)
        {
            throw new KeystoreException($"its {name} is not hexadecimal");
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new KeystoreException(otherwise);
    }
}

/// <summary>A key file is unusable. The message shows nothing of its content.</summary>
internal sealed class KeystoreException(string message) : Exception(message);
