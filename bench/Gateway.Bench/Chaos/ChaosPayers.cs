using System.Text.Json.Nodes;
using Xmtp.Gateway.Bench.Payers;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>A payer of the gateways.</summary>
/// <param name="Name">Its name in the payers file; empty where there is none.</param>
/// <param name="Address">Who signs its messages, and is charged for them.</param>
/// <param name="Senders">Who sends its commits: the payer itself where it has no senders.</param>
internal sealed record ChaosPayer(string Name, EthereumAddress Address, IReadOnlyList<EthereumAddress> Senders);

/// <summary>
/// The payers of a run: one, or those of a payers file, of which the first has senders. Their callers are told apart by a claim of
/// their tokens. The file and its keys are deleted on dispose.
/// </summary>
internal sealed class ChaosPayers : IAsyncDisposable
{
    /// <summary>The claim of a token that names the payer.</summary>
    public const string Claim = "app";

    private const int FirstPayerAccount = 1;

    // Of each payer, in whole units of the setting: another level changes the file, and nothing that is published.
    private const int LowestWarning = 20_000_000;
    private static readonly Wei Gas = Wei.FromEther(1000);
    private static readonly Microdollars Deposit = new(1_000_000_000);
    private readonly string? _folder;
    private readonly JsonArray _file = [];
    private int _changes;

    private ChaosPayers(ChaosPlan plan)
    {
        if (plan.Payers == 0)
        {
            Key = DevAccounts.PrivateKeys[FirstPayerAccount];
            All = [new ChaosPayer("", DevAccounts.Payer, [DevAccounts.Payer])];
            return;
        }

        _folder = Directory.CreateTempSubdirectory("chaos-payers").FullName;
        All = [.. Enumerable.Range(0, plan.Payers).Select(number => Add(number, number == 0 ? plan.Senders : 0))];
        Senders = plan.Senders > 0 ? All[0].Senders : [];
        Write(_file);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<ChaosPayer> All { get; }

    /// <summary>The accounts that send the first one's commits in its place; empty where it has no senders.</summary>
    public IReadOnlyList<EthereumAddress> Senders { get; } = [];

    /// <summary>The accounts that send transactions.</summary>
    public IEnumerable<EthereumAddress> Accounts => All.SelectMany(payer => payer.Senders);

    /// <summary>The key of the one payer; null where there is a payers file.</summary>
    public string? Key { get; }

    /// <summary>The flags of the gateways. A sender is away early, so that topics move often.</summary>
    public IReadOnlyList<string> Flags => _folder is null ? [] : ["--payers-file", FilePath, "--app-chain.stuck-after", "5s"];

    private string FilePath => Path.Combine(_folder!, "payers.json");

    /// <summary>Creates them.</summary>
    public static ChaosPayers Create(ChaosPlan plan) => new(plan);

    /// <summary>Gives a balance to the payers of a payers file, and gas to all accounts that send for them.</summary>
    public async Task FundAsync(DevChain chain, CancellationToken cancellationToken)
    {
        if (_folder is null) return;
        await FundGasAsync(chain, cancellationToken);
        foreach (var payer in All) await chain.DepositAsync(payer.Address, Deposit, cancellationToken);
    }

    /// <summary>Gives gas to all accounts that send for the payers of a payers file.</summary>
    public async Task FundGasAsync(DevChain chain, CancellationToken cancellationToken)
    {
        if (_folder is null) return;
        foreach (var account in Accounts) await FundGasAsync(chain, account, cancellationToken);
    }

    /// <summary>Gives gas to an account.</summary>
    public static Task FundGasAsync(DevChain chain, EthereumAddress account, CancellationToken cancellationToken) =>
        chain.SetBalanceAsync(account, Gas, cancellationToken);

    /// <summary>Changes a level of funds in the payers file.</summary>
    public void ChangeFile()
    {
        _changes++;
        foreach (var payer in _file) payer!["payerWarning"] = LowestWarning + _changes;
        Write(_file);
    }

    /// <summary>Makes the payers file one that cannot be used.</summary>
    public void BreakFile()
    {
        var broken = _file.DeepClone().AsArray();
        broken[0]!["limits"] = "none of the kind";
        Write(broken);
    }

    /// <summary>Takes the last payer out of the payers file.</summary>
    public void TakeLastOut()
    {
        var fewer = _file.DeepClone().AsArray();
        fewer.RemoveAt(fewer.Count - 1);
        Write(fewer);
    }

    /// <summary>Makes the payers file what it was before it was broken, or a payer was taken out.</summary>
    public void RestoreFile()
    {
        if (_folder is not null) Write(_file);
    }

    public ValueTask DisposeAsync()
    {
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private ChaosPayer Add(int number, int senders)
    {
        var name = FormattableString.Invariant($"payer-{number + 1}");
        // The first one is whose money the watchers follow.
        var (payer, file) = Write(name, number == 0 ? DevAccounts.PrivateKeys[FirstPayerAccount]["0x".Length..] : KeyFile.NewKey());
        var keys = Enumerable.Range(1, senders).Select(i => Write(FormattableString.Invariant($"{name}.sender-{i}"), KeyFile.NewKey()))
            .ToList();
        var entry = new JsonObject
        {
            ["name"] = name,
            ["privateKeyFile"] = file,
            ["callers"] = new JsonArray(new JsonObject { ["issuer"] = "bench", ["claim"] = Claim, ["value"] = name }),
        };
        if (keys.Count > 0)
            entry["senders"] = new JsonArray([.. keys.Select(key => new JsonObject { ["privateKeyFile"] = key.File })]);
        _file.Add((JsonNode)entry);
        return new ChaosPayer(name, payer, keys.Count > 0 ? [.. keys.Select(key => key.Address)] : [payer]);
    }

    private (EthereumAddress Address, string File) Write(string name, string key) =>
        (Stage.Signer(key).Address, KeyFile.Write(_folder!, $"{name}.key", key));

    // At once, as tools that replace files do.
    private void Write(JsonArray payers)
    {
        var next = FilePath + ".next";
        File.WriteAllText(next, new JsonObject { ["payers"] = payers.DeepClone() }.ToJsonString());
        File.Move(next, FilePath, overwrite: true);
    }
}
