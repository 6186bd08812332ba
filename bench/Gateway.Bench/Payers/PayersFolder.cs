using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>A payers file with many payers, each with a key file and with callers that send a key; deleted on dispose.</summary>
internal sealed class PayersFolder : IDisposable
{
    /// <summary>The header with the callers' keys.</summary>
    public const string Header = "x-api-key";

    private readonly string _folder;

    private PayersFolder(string folder) => _folder = folder;

    /// <summary>How many payers there are.</summary>
    public int Count { get; private set; }

    /// <summary>The payers file.</summary>
    public string Path => System.IO.Path.Combine(_folder, "payers.json");

    /// <summary>What the callers of a payer send.</summary>
    public static string CallerKey(int payer) => string.Create(CultureInfo.InvariantCulture, $"caller-of-payer-{payer}-0123456789abcdef");

    /// <summary>The name of a payer.</summary>
    public static string NameOf(int payer) => string.Create(CultureInfo.InvariantCulture, $"payer-{payer}");

    /// <summary>The key of a payer.</summary>
    public static PrivateKeySigner SignerOf(int payer) => Stage.Signer(KeyOf(payer));

    /// <summary>The address of a payer.</summary>
    public static EthereumAddress AddressOf(int payer) => SignerOf(payer).Address;

    /// <summary>Writes it, with this many payers.</summary>
    public static PayersFolder Write(int count) => Write([.. Enumerable.Range(0, count).Select(payer => new PayersRow(payer))]);

    /// <summary>Writes it.</summary>
    public static PayersFolder Write(params IReadOnlyList<PayersRow> payers)
    {
        var folder = new PayersFolder(Directory.CreateTempSubdirectory("payers").FullName);
        folder.Change(payers);
        return folder;
    }

    /// <summary>Writes other payers in place of those that there were.</summary>
    public void Change(params IReadOnlyList<PayersRow> payers)
    {
        Count = payers.Count;
        using var file = File.Create(Path);
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        json.WriteStartArray("payers");
        foreach (var payer in payers) WritePayer(json, payer);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string KeyOf(int payer)
    {
        Span<byte> key = stackalloc byte[32];
        key.Clear();
        BinaryPrimitives.WriteInt32BigEndian(key[^4..], payer + 1);
        return Convert.ToHexStringLower(key);
    }

    private string WriteKey(int payer) =>
        KeyFile.Write(_folder, string.Create(CultureInfo.InvariantCulture, $"{payer}.key"), KeyOf(payer));

    private void WritePayer(Utf8JsonWriter json, PayersRow payer)
    {
        json.WriteStartObject();
        json.WriteString("name", NameOf(payer.Number));
        if (!payer.HasSigner) json.WriteString("privateKeyFile", WriteKey(payer.Number));
        json.WriteStartArray("callers");
        json.WriteStartObject();
        json.WriteString("header", Header);
        json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CallerKey(payer.Number)))));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("limits", "1000/1s");
        if (payer.Budgets is { } budgets) json.WriteString("budgets", budgets);
        json.WriteEndObject();
    }
}
