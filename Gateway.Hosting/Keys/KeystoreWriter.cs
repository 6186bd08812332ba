using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Nethereum.KeyStore.Crypto;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>Makes keys as encrypted key files: Web3 Secret Storage, version 3, with scrypt and AES-128-CTR.</summary>
/// <remarks>The scrypt parameters are geth's defaults: 256 MiB of memory, and about a second.</remarks>
internal static class KeystoreWriter
{
    private const int Cost = 1 << 18;
    private const int BlockSize = 8;
    private const int Parallelism = 1;
    private const int KeySize = 32;
    private const int SaltSize = 32;
    private const int VectorSize = 16;

    /// <summary>Makes a random key and encrypts it.</summary>
    /// <param name="password">Not empty; encoded as UTF-8.</param>
    /// <returns>The text of the file, and the address of the key.</returns>
    public static (string Text, EthereumAddress Address) Create(string password)
    {
        var key = new byte[KeySize];
        try
        {
            PrivateKeySigner? signer;
            do RandomNumberGenerator.Fill(key);
            while (!PrivateKeySigner.TryCreate(key, out signer));
            return (Encrypt(key, signer.Address, password), signer.Address);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static string Encrypt(byte[] key, EthereumAddress address, string password)
    {
        var (salt, vector) = (RandomNumberGenerator.GetBytes(SaltSize), RandomNumberGenerator.GetBytes(VectorSize));
        var secret = Encoding.UTF8.GetBytes(password);
        byte[] derived = [];
        try
        {
            var crypto = new KeyStoreCrypto();
            derived = crypto.GenerateDerivedScryptKey(secret, salt, Cost, BlockSize, Parallelism, KeySize);
            var cipherText = crypto.GenerateAesCtrCipher(vector, derived[..16], key);
            return Text(address, cipherText, vector, salt, Keccak256.Hash([.. derived[16..32], .. cipherText]));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    private static string Text(EthereumAddress address, byte[] cipherText, byte[] vector, byte[] salt, byte[] mac) => new JsonObject
    {
        ["version"] = 3,
        ["id"] = Guid.NewGuid(),
        ["address"] = Convert.ToHexStringLower(address.Bytes),
        ["crypto"] = new JsonObject
        {
            ["cipher"] = "aes-128-ctr",
            ["cipherparams"] = new JsonObject { ["iv"] = Convert.ToHexStringLower(vector) },
            ["ciphertext"] = Convert.ToHexStringLower(cipherText),
            ["kdf"] = "scrypt",
            ["kdfparams"] = new JsonObject
            {
                ["dklen"] = KeySize,
                ["n"] = Cost,
                ["r"] = BlockSize,
                ["p"] = Parallelism,
                ["salt"] = Convert.ToHexStringLower(salt),
            },
            ["mac"] = Convert.ToHexStringLower(mac),
        },
    }.ToJsonString();
}
