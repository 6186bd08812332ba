using System.Security.Cryptography;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.DevNet;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>What one of two payers has.</summary>
internal enum Trouble
{
    /// <summary>It is well.</summary>
    None,

    /// <summary>Neither balance nor gas: its callers are refused.</summary>
    Empty,

    /// <summary>Transactions that are not mined: its callers wait.</summary>
    Stuck,
}

/// <summary>
/// A local network whose nodes check balances, and a stock gateway with two payers, of which the first gets into trouble.
/// </summary>
internal sealed class ApartStage : IAsyncDisposable
{
    /// <summary>The payer that gets into trouble.</summary>
    public const int Troubled = 0;

    /// <summary>The payer that is measured.</summary>
    public const int Measured = 1;

    private static readonly Microdollars Deposit = new(1_000_000_000);
    private readonly StartedParts _parts = new();
    private readonly PayersFolder _folder = PayersFolder.Write(2);
    private DevNetwork _network = null!;
    private ServerUnderTest _gateway = null!;

    private ApartStage()
    {
    }

    /// <summary>Where the gateway answers.</summary>
    public string Url => _gateway.Url;

    /// <summary>Starts all of it; nothing is left when a part fails.</summary>
    public static async Task<ApartStage> StartAsync(CancellationToken cancellationToken)
    {
        var stage = new ApartStage();
        try
        {
            await stage.StartAllAsync(cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Brings the first payer into trouble.</summary>
    public async Task BeginAsync(Trouble trouble, CancellationToken cancellationToken)
    {
        var (chain, payer) = (_network.Chain, PayersFolder.AddressOf(Troubled));
        if (trouble == Trouble.Stuck) await chain.SetAutomineAsync(false, cancellationToken);
        if (trouble != Trouble.Empty) return;
        var registry = new PayerRegistryContract(chain.Rpc, ChainAddresses.PayerRegistry);
        var balance = (await registry.GetBalanceAsync(payer, cancellationToken)).OrThrow();
        await chain.SettleUsageAsync(new Bytes32(RandomNumberGenerator.GetBytes(Bytes32.Size)), [(payer, balance)], cancellationToken);
        await chain.SetBalanceAsync(payer, default, cancellationToken);
    }

    /// <summary>Ends the trouble, and waits until the first payer's callers publish again.</summary>
    public async Task EndAsync(Trouble trouble, CancellationToken cancellationToken)
    {
        if (trouble == Trouble.Stuck) await _network.Chain.SetAutomineAsync(true, cancellationToken);
        if (trouble == Trouble.Stuck) await _network.Chain.MineAsync(1, cancellationToken);
        if (trouble == Trouble.Empty) await FundAsync(Troubled, cancellationToken);
        await PublishAsync(Troubled, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        _network = _parts.Add(await DevNetwork.StartAsync(
            new DevNetOptions { EnforceBalance = true, Progress = Console.Error.WriteLine }, cancellationToken));
        foreach (var payer in new[] { Troubled, Measured }) await FundAsync(payer, cancellationToken);
        var (port, socket) = (FreePort.Next(), _network.ChainWebSocketUrl.AbsoluteUri);
        var process = _parts.Add(ChildProcess.Start(
            "the gateway",
            DotnetProgram.Gateway(
                DotnetProgram.GatewayPath,
                [
                    .. GatewayStart.Flags(port, _network.ChainUrl, "sampled"), "--payers-file", _folder.Path,
                    "--contracts.app-chain.wss-url", socket, "--contracts.settlement-chain.wss-url", socket,
                ])));
        _ = process.DrainAsync(CancellationToken.None);
        _gateway = new ServerUnderTest(process, $"http://127.0.0.1:{port}", IsGateway: true, 0);
        foreach (var payer in new[] { Troubled, Measured }) await PublishAsync(payer, cancellationToken);
    }

    private async Task FundAsync(int payer, CancellationToken cancellationToken)
    {
        await _network.Chain.DepositAsync(PayersFolder.AddressOf(payer), Deposit, cancellationToken);
        await _network.Chain.SetBalanceAsync(PayersFolder.AddressOf(payer), Wei.FromEther(1000), cancellationToken);
    }

    // A message that the payer signs, and a commit that is mined.
    private Task PublishAsync(int payer, CancellationToken cancellationToken) => GatewayStart.WaitForAsync(
        _gateway,
        async calls =>
        {
            var options = ApartCalls.OptionsOf(payer, cancellationToken);
            var request = PublishRequest.For(new LoadWindow { IsGateway = true, Seconds = 0 }).Renew();
            var answer = await calls.AsyncUnaryCall(PublishMethods.ToGateway, null, options, request);
            AnswerCheck.Check(request, answer, PayersFolder.AddressOf(payer));
            await calls.AsyncUnaryCall(PublishMethods.ToGateway, null, options, ApartCalls.NewCommit());
        },
        cancellationToken);
}
