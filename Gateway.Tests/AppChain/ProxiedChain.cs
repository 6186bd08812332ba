using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>A chain of its own for each test, behind a provider that can be at fault, and a gateway's log.</summary>
public abstract class ProxiedChain : IAsyncLifetime
{
    private Anvil? _anvil;
    private RpcProxy? _proxy;

    // What is not found out at once is never found out.
    internal static AppChainTransactionOptions LongTimeouts { get; } = TestFlow.Quick with
    {
        ReceiptTimeout = TimeSpan.FromHours(1),
        RecoveryInterval = TimeSpan.FromHours(1),
    };

    internal static PrivateKeySigner Signer { get; } = DevAccounts.Signer(0);

    internal CapturedLogs Logs { get; } = new();

    internal Anvil Node => _anvil ?? throw new InvalidOperationException("the chain has not started");

    internal RpcProxy Proxy
    {
        get => _proxy ?? throw new InvalidOperationException("the proxy has not started");
        set => _proxy = value;
    }

    internal DevChain Chain => new(Node.Rpc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _anvil = await Anvil.StartAsync(new AnvilOptions(), Cancel);
        await StandInContracts.DeployAsync(_anvil.Rpc, Cancel);
        _proxy = await RpcProxy.StartAsync(_anvil.HttpUrl);
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null) await _proxy.DisposeAsync();
        if (_anvil is not null) await _anvil.DisposeAsync();
        Logs.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a gateway behind the proxy; with a socket, once the events arrive over it.</summary>
    internal async Task<TestFlow> StartAsync(AppChainTransactionOptions options, bool withSocket)
    {
        var gateway = await TestFlow.StartAsync(
            Proxy.Url,
            Signer,
            options: options,
            heads: withSocket ? Proxy.WebSocketUrl : null,
            logs: LoggerFactory.Create(log => log.AddProvider(Logs)));
        if (withSocket) await Eventually.IsAsync(() => gateway.ReceivesEvents, "events are delivered");
        return gateway;
    }

    /// <summary>How many transactions of the wallet are mined.</summary>
    internal async Task<ulong> CountAsync() =>
        (await Node.Rpc.GetTransactionCountAsync(Signer.Address, BlockTag.Latest, Cancel)).OrThrow();

    /// <summary>Sends a transaction of the wallet that the gateway does not know of; its hash.</summary>
    internal async Task<Bytes32> SendForeignAsync(ulong nonce, Wei price)
    {
        var foreign = new FeeMarketTransaction
        {
            ChainId = 31337,
            Nonce = nonce,
            GasLimit = 21_000,
            To = Signer.Address,
            MaxFeePerGas = price,
            MaxPriorityFeePerGas = price / 2,
        };
        return (await Node.Rpc.SendRawTransactionAsync((await foreign.SignAsync(Signer, Cancel)).Raw, Cancel)).OrThrow();
    }
}
