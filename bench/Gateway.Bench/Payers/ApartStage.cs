using System.Security.Cryptography;
using Grpc.Core;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.DevNet;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>
/// A local network whose nodes check balances, and a gateway with two payers, of which the first has a remote signer and gets into trouble.
/// </summary>
internal sealed class ApartStage : IAsyncDisposable
{
    /// <summary>The payer that gets into trouble.</summary>
    public const int Troubled = 0;

    /// <summary>The payer that is measured.</summary>
    public const int Measured = 1;

    // A few messages use it up.
    private const string SmallBudget = "0.001/day gateway";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly Microdollars Deposit = new(1_000_000_000);
    private static readonly PayersRow First = new(Troubled) { HasSigner = true }, Second = new(Measured);
    private readonly StartedParts _parts = new();
    private readonly PayersFolder _folder = PayersFolder.Write(First, Second);
    private readonly SigningServer _signing = new(PayersFolder.SignerOf(Troubled));
    private DevNetwork _network = null!;
    private ServerUnderTest _gateway = null!;

    private ApartStage()
    {
    }

    /// <summary>Where the gateway answers.</summary>
    public string Url => _gateway.Url;

    /// <summary>Starts all of it; nothing is left when a part fails.</summary>
    public static Task<ApartStage> StartAsync(CancellationToken cancellationToken) =>
        StartedParts.StartAllAsync(new ApartStage(), stage => stage.StartAllAsync(cancellationToken));

    /// <summary>Brings the first payer into trouble.</summary>
    public async Task BeginAsync(Trouble trouble, CancellationToken cancellationToken)
    {
        switch (trouble)
        {
            case Trouble.Empty: await EmptyAsync(cancellationToken); break;
            case Trouble.Paused:
                await ChangeAsync([First with { Budgets = SmallBudget }, Second], StatusCode.ResourceExhausted, cancellationToken);
                break;
            case Trouble.Removed: await ChangeAsync([Second], StatusCode.PermissionDenied, cancellationToken); break;
            case Trouble.Stuck: await _network.Chain.SetAutomineAsync(false, cancellationToken); break;
            case Trouble.SignerUnreachable: await _signing.CloseAsync(); break;
            case Trouble.SignerSilent: _signing.IsSilent = true; break;
        }
    }

    /// <summary>Ends the trouble, and waits until the first payer's callers publish again.</summary>
    public async Task EndAsync(Trouble trouble, CancellationToken cancellationToken)
    {
        switch (trouble)
        {
            case Trouble.Empty: await FundAsync(Troubled, cancellationToken); break;
            case Trouble.Paused or Trouble.Removed: _folder.Change(First, Second); break;
            case Trouble.Stuck:
                await _network.Chain.SetAutomineAsync(true, cancellationToken);
                await _network.Chain.MineAsync(1, cancellationToken);
                break;
            case Trouble.SignerUnreachable: await _signing.OpenAsync(cancellationToken); break;
            case Trouble.SignerSilent: _signing.IsSilent = false; break;
        }

        await PublishAsync(Troubled, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync();
        await _signing.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        _network = _parts.Add(await DevNetwork.StartAsync(
            new DevNetOptions { EnforceBalance = true, Progress = Console.Error.WriteLine }, cancellationToken));
        foreach (var payer in new[] { Troubled, Measured }) await FundAsync(payer, cancellationToken);
        await _signing.OpenAsync(cancellationToken);
        var (port, socket) = (FreePort.Next(), _network.ChainWebSocketUrl.AbsoluteUri);
        string[] flags =
        [
            .. GatewayStart.Flags(port, _network.ChainUrl, "sampled"), "--payers-file", _folder.Path,
            "--contracts.app-chain.wss-url", socket, "--contracts.settlement-chain.wss-url", socket,
        ];
        var arguments = PayersGateway.Arguments(_signing.Url, PayersFolder.SignerOf(Troubled), flags);
        var process = _parts.Add(ChildProcess.Start("the gateway", DotnetProgram.LikeGateway(arguments)));
        _ = process.DrainAsync(CancellationToken.None);
        _gateway = new ServerUnderTest(process, $"http://127.0.0.1:{port}", IsGateway: true, 0);
        foreach (var payer in new[] { Troubled, Measured }) await PublishAsync(payer, cancellationToken);
    }

    private async Task FundAsync(int payer, CancellationToken cancellationToken)
    {
        await _network.Chain.DepositAsync(PayersFolder.AddressOf(payer), Deposit, cancellationToken);
        await _network.Chain.SetBalanceAsync(PayersFolder.AddressOf(payer), Wei.FromEther(1000), cancellationToken);
    }

    private async Task EmptyAsync(CancellationToken cancellationToken)
    {
        var (chain, payer) = (_network.Chain, PayersFolder.AddressOf(Troubled));
        var registry = new PayerRegistryContract(chain.Rpc, ChainAddresses.PayerRegistry);
        var balance = (await registry.GetBalanceAsync(payer, cancellationToken)).OrThrow();
        await chain.SettleUsageAsync(new Bytes32(RandomNumberGenerator.GetBytes(Bytes32.Size)), [(payer, balance)], cancellationToken);
        await chain.SetBalanceAsync(payer, default, cancellationToken);
    }

    // The gateway reads the file every two seconds; then what is allowed has to be used up.
    private async Task ChangeAsync(PayersRow[] payers, StatusCode expected, CancellationToken cancellationToken)
    {
        _folder.Change(payers);
        await GatewayStart.WaitForAsync(
            _gateway,
            async calls =>
            {
                try
                {
                    await PublishMessageAsync(calls, Troubled, cancellationToken);
                }
                catch (RpcException refused) when (refused.StatusCode == expected)
                {
                    return;
                }

                throw new RpcException(new Status(StatusCode.Unknown, "the first payer's callers are not refused"));
            },
            cancellationToken,
            Pause);
    }

    // A message that the payer signs, and a commit that is mined.
    private Task PublishAsync(int payer, CancellationToken cancellationToken) => GatewayStart.WaitForAsync(
        _gateway,
        async calls =>
        {
            await PublishMessageAsync(calls, payer, cancellationToken);
            var options = ApartCalls.OptionsOf(payer, cancellationToken);
            await calls.AsyncUnaryCall(PublishMethods.ToGateway, null, options, ApartCalls.NewCommit());
        },
        cancellationToken);

    private static async Task PublishMessageAsync(CallInvoker calls, int payer, CancellationToken cancellationToken)
    {
        var request = PublishRequest.For(new LoadWindow { IsGateway = true, Seconds = 0 }).Renew();
        var answer = await calls.AsyncUnaryCall(
            PublishMethods.ToGateway, null, ApartCalls.OptionsOf(payer, cancellationToken), request);
        AnswerCheck.Check(request, answer, PayersFolder.AddressOf(payer));
    }
}
