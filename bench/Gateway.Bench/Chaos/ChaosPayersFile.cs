using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Xmtp.Gateway.Bench.Payers;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// A payers file with the keys that it names, in a folder that is deleted on dispose. Callers are told apart by a claim of their tokens.
/// </summary>
internal sealed class ChaosPayersFile : IDisposable
{
    // In microdollars: another level changes the file, and nothing that is published.
    private const int LowestWarning = 20_000_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("chaos-payers").FullName;
    private readonly List<ChaosPayer> _payers = [];
    private readonly JsonArray _entries = [];
    private readonly ConcurrentQueue<(ChaosPayer Payer, ChaosSpan Span)> _absences = new();
    private long? _outSince;
    private int _changes;

    /// <summary>Where it is.</summary>
    public string FilePath => Path.Combine(_folder, "payers.json");

    /// <summary>When it lacked which payer.</summary>
    public IReadOnlyCollection<(ChaosPayer Payer, ChaosSpan Span)> Absences => _absences;

    /// <summary>Adds a payer.</summary>
    /// <param name="key">Its key, as hexadecimal digits.</param>
    /// <param name="senders">How many senders it has; 0 where it sends its commits itself.</param>
    public ChaosPayer Add(string key, int senders)
    {
        var name = FormattableString.Invariant($"payer-{_payers.Count + 1}");
        var (address, file) = WriteKey(name, key);
        var keys = Enumerable.Range(1, senders)
            .Select(i => WriteKey(FormattableString.Invariant($"{name}.sender-{i}"), KeyFile.NewKey()))
            .ToList();
        var entry = new JsonObject
        {
            ["name"] = name,
            ["privateKeyFile"] = file,
            ["callers"] = new JsonArray(new JsonObject { ["issuer"] = "bench", ["claim"] = ChaosPayers.Claim, ["value"] = name }),
        };
        if (keys.Count > 0) entry["senders"] = new JsonArray([.. keys.Select(one => new JsonObject { ["privateKeyFile"] = one.File })]);
        _entries.Add((JsonNode)entry);
        Write(_entries);
        var payer = new ChaosPayer(name, address, keys.Count > 0 ? [.. keys.Select(one => one.Address)] : [address]);
        _payers.Add(payer);
        return payer;
    }

    /// <summary>Changes a level of funds of each payer.</summary>
    public void Change()
    {
        _changes++;
        foreach (var entry in _entries) entry!["payerWarning"] = LowestWarning + _changes;
        Write(_entries);
    }

    /// <summary>Makes it one that cannot be used, until it is restored.</summary>
    public void Break()
    {
        var broken = _entries.DeepClone().AsArray();
        broken[0]!["limits"] = "none of the kind";
        Write(broken);
    }

    /// <summary>Takes the last payer out, until it is restored.</summary>
    public void TakeLastOut()
    {
        var fewer = _entries.DeepClone().AsArray();
        fewer.RemoveAt(fewer.Count - 1);
        _outSince = TimeProvider.System.GetTimestamp();
        Write(fewer);
    }

    /// <summary>Makes it what it was before it was broken, or a payer was taken out.</summary>
    public void Restore()
    {
        Write(_entries);
        if (_outSince is not { } since) return;
        _absences.Enqueue((_payers[^1], new ChaosSpan(since, TimeProvider.System.GetTimestamp())));
        _outSince = null;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (EthereumAddress Address, string File) WriteKey(string name, string key) =>
        (Stage.Signer(key).Address, KeyFile.Write(_folder, $"{name}.key", key));

    // At once, as tools that replace files do.
    private void Write(JsonArray payers)
    {
        var next = FilePath + ".next";
        File.WriteAllText(next, new JsonObject { ["payers"] = payers.DeepClone() }.ToJsonString());
        File.Move(next, FilePath, overwrite: true);
    }
}
