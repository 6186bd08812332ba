using System.Collections.Concurrent;
using Xmtp.Gateway.Bench.Payers;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>A payer of the gateways.</summary>
/// <param name="Name">Its name in the payers file; empty where there is none.</param>
/// <param name="Address">Who signs its messages, and is charged for them.</param>
/// <param name="Senders">Who sends its commits: the payer itself where it has no senders.</param>
internal sealed record ChaosPayer(string Name, EthereumAddress Address, IReadOnlyList<EthereumAddress> Senders);

/// <summary>The payers of a run: one, or those of a payers file, of which the first may have senders.</summary>
internal sealed class ChaosPayers : IAsyncDisposable
{
    /// <summary>The claim of a token that names the payer.</summary>
    public const string Claim = "app";

    // The watchers follow the money of the first payer.
    private const int FirstAccount = 1;
    private static readonly Wei TooLittle = new(1);
    private static readonly Wei Gas = Wei.FromEther(1000);
    private static readonly Microdollars Deposit = new(1_000_000_000);
    private readonly ConcurrentQueue<EthereumAddress> _emptied = new();

    private ChaosPayers(ChaosPlan plan)
    {
        var first = DevAccounts.PrivateKeys[FirstAccount]["0x".Length..];
        if (plan.Payers == 0)
        {
            Key = first;
            All = [new ChaosPayer("", DevAccounts.Payer, [DevAccounts.Payer])];
            return;
        }

        var file = File = new ChaosPayersFile();
        All = [file.Add(first, plan.Senders), .. Enumerable.Range(1, plan.Payers - 1).Select(_ => file.Add(KeyFile.NewKey(), 0))];
        Senders = plan.Senders > 0 ? All[0].Senders : [];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<ChaosPayer> All { get; }

    /// <summary>The accounts that send the first one's commits in its place; empty where it has no senders.</summary>
    public IReadOnlyList<EthereumAddress> Senders { get; } = [];

    /// <summary>The accounts that send transactions.</summary>
    public IEnumerable<EthereumAddress> Accounts => All.SelectMany(payer => payer.Senders);

    /// <summary>The payers file; null for one payer without one.</summary>
    public ChaosPayersFile? File { get; }

    /// <summary>The key of the one payer, as hexadecimal digits; null where there is a payers file.</summary>
    public string? Key { get; }

    /// <summary>The flags of the gateways. A sender is unavailable early, so that topics move often.</summary>
    public IReadOnlyList<string> Flags => File is null ? [] : ["--payers-file", File.FilePath, "--app-chain.stuck-after", "5s"];

    /// <summary>The senders that lost their gas, in the order of the faults.</summary>
    public IReadOnlyCollection<EthereumAddress> Emptied => _emptied;

    /// <summary>Creates them.</summary>
    public static ChaosPayers Create(ChaosPlan plan) => new(plan);

    /// <summary>Gives a balance to the payers of a payers file, and gas to all accounts that send for them.</summary>
    public async Task FundAsync(DevChain chain, CancellationToken cancellationToken)
    {
        if (File is null) return;
        await FundGasAsync(chain, cancellationToken);
        foreach (var payer in All) await chain.DepositAsync(payer.Address, Deposit, cancellationToken);
    }

    /// <summary>Gives gas to all accounts that send for the payers of a payers file.</summary>
    public async Task FundGasAsync(DevChain chain, CancellationToken cancellationToken)
    {
        if (File is null) return;
        foreach (var account in Accounts) await FundGasAsync(chain, account, cancellationToken);
    }

    /// <summary>Gives gas to an account.</summary>
    public static Task FundGasAsync(DevChain chain, EthereumAddress account, CancellationToken cancellationToken) =>
        chain.SetBalanceAsync(account, Gas, cancellationToken);

    /// <summary>Takes the gas of a sender.</summary>
    public Task EmptyAsync(DevChain chain, EthereumAddress sender, CancellationToken cancellationToken)
    {
        _emptied.Enqueue(sender);
        return chain.SetBalanceAsync(sender, TooLittle, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        File?.Dispose();
        return ValueTask.CompletedTask;
    }
}
