using System.Text.Json;
using System.Text.Json.Nodes;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A payers file in a folder of its own, with the keys that it names beside it.</summary>
internal sealed class PayersFileOnDisk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("payers").FullName;
    private readonly JsonArray _payers = [];
    private readonly JsonArray _issuers = [];

    public string Path => System.IO.Path.Combine(_folder, "payers.json");

    public string[] Flags => ["--payers-file", Path];

    /// <summary>The private key of a payer, as hex.</summary>
    public static string KeyOf(byte seed) => Convert.ToHexStringLower([.. new byte[31], seed]);

    public static PrivateKeySigner SignerOf(byte seed) =>
        PrivateKeySigner.TryParse(KeyOf(seed), out var signer) ? signer : throw new InvalidOperationException();

    /// <summary>Adds a payer; its members are JSON without the braces, and it has a key file unless it has no seed.</summary>
    public PayersFileOnDisk With(string name, byte? seed, string members)
    {
        var payer = JsonNode.Parse($$"""{ "name": "{{name}}", {{members}} }""")!.AsObject();
        if (seed is { } known)
        {
            var key = System.IO.Path.Combine(_folder, $"{known}.key");
            File.WriteAllText(key, KeyOf(known));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            payer["privateKeyFile"] = key;
        }

        _payers.Add(payer);
        return Save();
    }

    /// <summary>Adds an issuer whose keys are at a URL.</summary>
    public PayersFileOnDisk WithIssuer(string issuer, Uri keys, string audience)
    {
        _issuers.Add(new JsonObject { ["issuer"] = issuer, ["jwksUrl"] = keys.AbsoluteUri, ["audience"] = audience });
        return Save();
    }

    public PayersFileOnDisk Containing(string text)
    {
        File.WriteAllText(Path, text);
        return this;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private PayersFileOnDisk Save() => Containing(
        JsonSerializer.Serialize(new JsonObject { ["payers"] = _payers.DeepClone(), ["issuers"] = _issuers.DeepClone() }));
}
