using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A payers file in a folder of its own, with the keys that it names beside it.</summary>
/// <param name="isMounted">
/// Whether it is as in a mounted secret of Kubernetes: a link, and each content in a folder to which another link is moved. On Windows,
/// where links need a privilege, it is a plain file.
/// </param>
internal sealed class PayersFileOnDisk(bool isMounted = false) : IDisposable
{
    private const string Data = "..data";
    private readonly string _folder = Directory.CreateTempSubdirectory("payers").FullName;
    private readonly JsonArray _payers = [];
    private readonly JsonArray _issuers = [];
    private int _contents;

    public string Path => System.IO.Path.Combine(_folder, "payers.json");

    public string[] Flags => ["--payers-file", Path];

    /// <summary>The private key of a payer, as hex.</summary>
    public static string KeyOf(byte seed) => Convert.ToHexStringLower([.. new byte[31], seed]);

    public static PrivateKeySigner SignerOf(byte seed) =>
        PrivateKeySigner.TryParse(KeyOf(seed), out var signer) ? signer : throw new InvalidOperationException();

    /// <summary>The hash of a caller's key, as a rule names it.</summary>
    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>Adds a payer; its members are JSON without the braces, and it has a key file unless it has no seed.</summary>
    public PayersFileOnDisk With(string name, byte? seed, string members)
    {
        var payer = JsonNode.Parse($$"""{ "name": "{{name}}", {{members}} }""")!.AsObject();
        if (seed is { } known) payer["privateKeyFile"] = WriteKey(KeyOf(known), $"{known}.key");
        _payers.Add(payer);
        return Save();
    }

    /// <summary>The path of a file beside the payers file.</summary>
    public string PathOf(string file) => System.IO.Path.Combine(_folder, file);

    /// <summary>Writes a key beside the payers file.</summary>
    public string WriteKey(string key, string file)
    {
        File.WriteAllText(PathOf(file), key);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(PathOf(file), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return PathOf(file);
    }

    /// <summary>The member <c>senders</c> of a payer, with their keys beside the payers file.</summary>
    public string Senders(params byte[] seeds) =>
        $"\"senders\": [{string.Join(',', seeds.Select(seed => $"{{ \"privateKeyFile\": {PathOfKey(seed)} }}"))}],";

    private string PathOfKey(byte seed) => JsonSerializer.Serialize(WriteKey(KeyOf(seed), $"{seed}.key"));

    /// <summary>Adds an issuer whose keys are at a URL.</summary>
    public PayersFileOnDisk WithIssuer(string issuer, Uri keys, string audience)
    {
        _issuers.Add(new JsonObject { ["issuer"] = issuer, ["jwksUrl"] = keys.AbsoluteUri, ["audience"] = audience });
        return Save();
    }

    /// <summary>Takes all issuers out.</summary>
    public PayersFileOnDisk WithoutIssuers()
    {
        _issuers.Clear();
        return Save();
    }

    /// <summary>Takes a payer out.</summary>
    public PayersFileOnDisk Without(string name)
    {
        _payers.Remove(_payers.Single(payer => (string?)payer!["name"] == name));
        return Save();
    }

    /// <summary>Takes the entry of a payer out that has this key.</summary>
    public PayersFileOnDisk Without(string name, byte seed)
    {
        _payers.Remove(_payers.Single(
            payer => (string?)payer!["name"] == name && (string?)payer["privateKeyFile"] == PathOf($"{seed}.key")));
        return Save();
    }

    /// <summary>Takes a payer out and adds one of its name at once.</summary>
    public PayersFileOnDisk Changed(string name, byte? seed, string members)
    {
        _payers.Remove(_payers.Single(payer => (string?)payer!["name"] == name));
        return With(name, seed, members);
    }

    public PayersFileOnDisk Containing(string text)
    {
        if (isMounted && !OperatingSystem.IsWindows()) Mount(text);
        else File.WriteAllText(Path, text);
        return this;
    }

    /// <summary>Writes what the payers are, after another content.</summary>
    public PayersFileOnDisk Restored() => Save();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Mount(string text)
    {
        var content = Directory.CreateDirectory(PathOf($"..content{++_contents}")).FullName;
        File.WriteAllText(System.IO.Path.Combine(content, "payers.json"), text);
        var link = PathOf(Data);
        if (Directory.Exists(link)) Directory.Delete(link);
        Directory.CreateSymbolicLink(link, content);
        if (!File.Exists(Path)) File.CreateSymbolicLink(Path, System.IO.Path.Combine(Data, "payers.json"));
    }

    private PayersFileOnDisk Save() => Containing(
        JsonSerializer.Serialize(new JsonObject { ["payers"] = _payers.DeepClone(), ["issuers"] = _issuers.DeepClone() }));
}
