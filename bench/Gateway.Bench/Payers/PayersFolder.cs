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

    private PayersFolder(string folder, int count)
    {
        _folder = folder;
        Count = count;
    }

    /// <summary>How many payers there are.</summary>
    public int Count { get; }

    /// <summary>The payers file.</summary>
    public string Path => System.IO.Path.Combine(_folder, "payers.json");

    /// <summary>What the callers of a payer send.</summary>
    public static string CallerKey(int payer) => string.Create(CultureInfo.InvariantCulture, $"caller-of-payer-{payer}-0123456789abcdef");

    /// <summary>The address of a payer.</summary>
    public static EthereumAddress AddressOf(int payer) => Stage.Signer(KeyOf(payer)).Address;

    /// <summary>Writes it.</summary>
    public static PayersFolder Write(int count)
    {
        var folder = new PayersFolder(Directory.CreateTempSubdirectory("payers").FullName, count);
        using var file = File.Create(folder.Path);
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        json.WriteStartArray("payers");
        for (var payer = 0; payer < count; payer++) WritePayer(json, payer, folder.WriteKey(payer));
        json.WriteEndArray();
        json.WriteEndObject();
        return folder;
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

    private static void WritePayer(Utf8JsonWriter json, int payer, string key)
    {
        json.WriteStartObject();
        json.WriteString("name", string.Create(CultureInfo.InvariantCulture, $"payer-{payer}"));
        json.WriteString("privateKeyFile", key);
        json.WriteStartArray("callers");
        json.WriteStartObject();
        json.WriteString("header", Header);
        json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CallerKey(payer)))));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("limits", "1000/1s");
        json.WriteEndObject();
    }
}
