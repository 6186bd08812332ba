using Nethereum.KeyStore;
using Nethereum.KeyStore.Model;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A network whose gateway has so many payers that each starts when it is first used: "p1" to "p20".</summary>
public sealed class ManyPayersFixture : ChangingPayersFixture
{
    public const int Count = 20;
    private const string Password = "of-a-test";

    /// <summary>The payers with an encrypted key file; that of the last names no address.</summary>
    public const int Encrypted = 2, Replaced = 3, Unnamed = 4;

    /// <summary>The seed of a payer's key.</summary>
    public static byte SeedOf(int payer) => (byte)(100 + payer);

    /// <summary>Writes the encrypted key file of a payer, with the key of a seed.</summary>
    public string WriteKeystore(int payer, byte seed, bool isNamed = true)
    {
        var (service, cheap) = (new KeyStoreScryptService(), new ScryptParams { N = 1024, P = 1, R = 8, Dklen = 32 });
        var key = Convert.FromHexString(PayersFileOnDisk.KeyOf(seed));
        var store = service.EncryptAndGenerateKeyStore(Password, key, PayersFileOnDisk.SignerOf(seed).Address.ToString(), cheap);
        if (!isNamed) store.Address = null;
        return File.WriteKey(service.SerializeKeyStoreToJson(store), $"{payer}.keystore");
    }

    protected override void WritePayers()
    {
        var password = File.WriteKey(Password, "password");
        for (var payer = 1; payer <= Count; payer++)
        {
            if (payer is not (Encrypted or Replaced or Unnamed))
            {
                File.With($"p{payer}", SeedOf(payer), ByKey($"p{payer}"));
                continue;
            }

            var store = WriteKeystore(payer, SeedOf(payer), payer != Unnamed);
            File.With(
                $"p{payer}", null, ByKey($"p{payer}", $""" "keystoreFile": "{store}", "keystorePasswordFile": "{password}", """));
        }
    }
}
