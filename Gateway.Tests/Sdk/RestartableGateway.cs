using Grpc.Core;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>The stock gateway in a process of its own, in front of a local network, that comes back at the same port.</summary>
public sealed class RestartableGateway(DevNetwork network, int payer) : IAsyncDisposable
{
    private readonly int _port = FreePort.Next();
    private TestProcess? _process;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>Starts it; when the task ends it publishes.</summary>
    public async Task StartAsync()
    {
        _process = TestProcess.Start(StockProgram.Start(Flags()));
        using var client = new GatewayClient(Address, Speaks.Grpc);
        await Eventually.IsAsync(() => AnswersAsync(client), "the gateway answers");
    }

    /// <summary>Ends it with a signal, such as TERM or KILL.</summary>
    public async Task EndAsync(string signal)
    {
        await _process!.SignalAsync(signal);
        await _process.WaitAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    private static async Task<bool> AnswersAsync(GatewayClient client)
    {
        try
        {
            return (await client.GetNodesAsync()).Nodes.Count > 0;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    private string[] Flags() =>
    [
        $"--api.port={_port}", "--api.http-port=-1", "--api.bind-address=127.0.0.1", "--api.shutdown-delay=0", "--log.log-level=warn",
        "--contracts.environment=anvil", $"--payer.private-key={DevAccounts.PrivateKeys[payer]}",
        $"--contracts.app-chain.rpc-url={network.ChainUrl}", $"--contracts.app-chain.wss-url={network.ChainWebSocketUrl}",
        $"--contracts.settlement-chain.rpc-url={network.ChainUrl}", $"--contracts.settlement-chain.wss-url={network.ChainWebSocketUrl}",
    ];
}
