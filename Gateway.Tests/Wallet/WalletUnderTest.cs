using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Wallet;

namespace Xmtp.Gateway.Tests.Wallet;

/// <summary>A payer of its own on a local chain, and the commands for its money as an operator runs them.</summary>
internal sealed class WalletUnderTest : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("payer-").FullName;
    private readonly Uri _chain;
    private readonly EthereumRpc _rpc;

    public WalletUnderTest(Uri chain, EthereumRpc rpc, byte seed)
    {
        _chain = chain;
        _rpc = rpc;
        Signer = Payers.Signer(seed);
        Key = Convert.ToHexString(Envelopes.Id(32, seed));
        KeyFile = Write("key", Key);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public PrivateKeySigner Signer { get; }

    /// <summary>The private key, which no output may show.</summary>
    public string Key { get; }

    public string KeyFile { get; }

    public EthereumAddress Address => Signer.Address;

    public PayerRegistryContract Registry => new(_rpc, ChainAddresses.PayerRegistry);

    public TokenContract Stablecoin => new(_rpc, ChainAddresses.UnderlyingFeeToken);

    public TokenContract FeeToken => new(_rpc, ChainAddresses.FeeToken);

    /// <summary>The flags of both chains, without a key.</summary>
    public string[] Chains =>
    [
        "--contracts.environment=anvil", $"--contracts.app-chain.rpc-url={_chain}", $"--contracts.settlement-chain.rpc-url={_chain}",
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Writes a file that only its owner may read.</summary>
    public string Write(string name, string text)
    {
        var path = PathOf(name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>Runs a command with this payer's key; nothing is answered to questions.</summary>
    public Task<Ended> RunAsync(params string[] command) => AnswerAsync("", [.. command, $"--payer.private-key-file={KeyFile}"]);

    /// <summary>Runs a command with the given flags alone.</summary>
    public async Task<Ended> AnswerAsync(string answers, params string[] command)
    {
        using var input = new StringReader(answers);
        await using var output = new StringWriter();
        await using var errors = new StringWriter();

        // The last of two flags counts: the caller's.
        string[] args = [.. command.TakeWhile(IsWord), .. Chains, .. command.SkipWhile(IsWord)];
        var exitCode = await PayerCommand.RunAsync(args, input, output, errors, cancellationToken: Cancel);
        var ended = new Ended(exitCode, output.ToString(), errors.ToString());
        Assert.DoesNotContain(Key, ended.Everything, StringComparison.OrdinalIgnoreCase);
        return ended;
    }

    public async Task<JsonElement> StatusAsync()
    {
        var ended = await RunAsync("status", "--json");
        Assert.True(ended.ExitCode == 0, ended.Everything);
        return JsonDocument.Parse(ended.Output).RootElement;
    }

    /// <summary>In microdollars.</summary>
    public async Task<long> BalanceAsync() => (long)(await Registry.GetBalanceAsync(Address, Cancel)).OrThrow().Value;

    /// <summary>In microdollars.</summary>
    public async Task<long> StablecoinsAsync() => (long)(await Stablecoin.GetBalanceAsync(Address, Cancel)).OrThrow().Value;

    public async Task<ulong> SentAsync() => (await _rpc.GetTransactionCountAsync(Address, BlockTag.Pending, Cancel)).OrThrow();

    private static bool IsWord(string arg) => !arg.StartsWith("--", StringComparison.Ordinal);

    /// <summary>How a command ended.</summary>
    internal sealed record Ended(int ExitCode, string Output, string Errors)
    {
        public string Everything => $"exit code {ExitCode}{Environment.NewLine}{Output}{Errors}";

        public Ended Is(int exitCode, params string[] words)
        {
            Assert.True(ExitCode == exitCode, Everything);
            Assert.All(words, word => Assert.Contains(word, Output + Errors, StringComparison.Ordinal));
            return this;
        }
    }
}
