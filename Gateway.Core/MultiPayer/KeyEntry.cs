using Xmtp.Gateway.Hosting.Keys;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Where a payer or a sender has its key, as the payers file names it: one of three places.</summary>
/// <param name="PrivateKeyFile">The path of a file with the key; null for none.</param>
/// <param name="KeystoreFile">The path of an encrypted key file; null for none.</param>
/// <param name="KeystorePasswordFile">The path of the password of that file; null for none.</param>
/// <param name="SeedFile">The path of a seed from which the key is derived; null for none.</param>
/// <param name="Index">The index of the key at the seed; null for none.</param>
internal sealed record KeyEntry(
    string? PrivateKeyFile, string? KeystoreFile, string? KeystorePasswordFile, string? SeedFile, int? Index)
{
    /// <summary>The members that name a key.</summary>
    internal static readonly string[] Members = ["privateKeyFile", "keystoreFile", "keystorePasswordFile", "seedFile", "index"];

    /// <summary>What a key needs, for faults.</summary>
    internal const string Expected = "privateKeyFile, keystoreFile with keystorePasswordFile, or seedFile with index";

    /// <summary>Whether no member names a key.</summary>
    internal bool IsNone => this == new KeyEntry(null, null, null, null, null);

    /// <summary>Reads the members.</summary>
    internal static KeyEntry Of(JsonMembers members) => new(
        members.Text("privateKeyFile"),
        members.Text("keystoreFile"),
        members.Text("keystorePasswordFile"),
        members.Text("seedFile"),
        members.Number("index", 0, Hosting.Keys.SeedFile.MaxIndex));

    /// <summary>Reads the key.</summary>
    /// <param name="place">Where the members are, for faults.</param>
    /// <param name="seeds">The seeds of the file.</param>
    /// <param name="isDeferred">Whether an encrypted key is opened at its first use.</param>
    internal PayerKey Read(string place, SeedFiles seeds, bool isDeferred)
    {
        if (KeystoreFile is not null != KeystorePasswordFile is not null)
            return Fault("keystoreFile and keystorePasswordFile: expected both");
        if (SeedFile is not null != Index is not null) return Fault("seedFile and index: expected both");
        if (new[] { PrivateKeyFile, KeystoreFile, SeedFile }.Count(path => path is not null) != 1) return Fault($"expected {Expected}");
        var (store, password) = ($"{place}: keystoreFile", $"{place}: keystorePasswordFile");
        return PrivateKeyFile is { } file ? PayerKeyFile.Read($"{place}: privateKeyFile", file)
            : SeedFile is { } seed ? seeds.KeyOf(place, seed, Index!.Value)
            : isDeferred ? PayerKeyFile.DeferKeystore(store, KeystoreFile!, password, KeystorePasswordFile!)
            : PayerKeyFile.ReadKeystore(store, KeystoreFile!, password, KeystorePasswordFile!);

        PayerKey Fault(string what) => new(null, place, [$"{place}: {what}"], []);
    }
}
