using System.Globalization;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>The processes of one run: chain, node, proxy, gateways and the load generator, all on loopback.</summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>The payer's key: a public test key of Anvil.</summary>
    public const string PayerKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    private const string NodeKey = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
    private readonly Stack<IAsyncDisposable> started = new();
    private string nodeUrl = "";

    public required ChildProcess Generator { get; init; }

    public ServerUnderTest Proxy { get; private set; } = null!;

    public ServerUnderTest Gateway => Proxy;

    public Task<ServerUnderTest> StartVerifyingAllAsync(CancellationToken cancellationToken) => Task.FromResult(Gateway);

    public static async Task<Stage> StartAsync(CancellationToken cancellationToken)
    {
        var (generator, _) = await ChildProcess.StartAsync("the load generator", DotnetProgram.Bench("load"), line => line == "ready", cancellationToken);
        var stage = new Stage { Generator = generator };
        stage.started.Push(generator);
        try
        {
            await stage.StartNodeAndProxyAsync(cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (started.TryPop(out var one)) await one.DisposeAsync();
    }

    private async Task StartNodeAndProxyAsync(CancellationToken cancellationToken)
    {
        var id = PublishRequest.NodeId.ToString(CultureInfo.InvariantCulture);
        (_, nodeUrl) = await StartServerAsync("the node", DotnetProgram.Bench("node", id, NodeKey), cancellationToken);
        var port = FreePort.Next();
        var (proxy, url) = await StartServerAsync("the proxy", DotnetProgram.LikeGateway("proxy", nodeUrl).WithAllocationPort(port), cancellationToken);
        Proxy = new ServerUnderTest(proxy, url, IsGateway: false, port);
    }

    private async Task<(ChildProcess Process, string Url)> StartServerAsync(string name, System.Diagnostics.ProcessStartInfo start, CancellationToken cancellationToken)
    {
        var (process, line) = await ChildProcess.StartAsync(name, start, line => line.StartsWith("ready ", StringComparison.Ordinal), cancellationToken);
        started.Push(process);
        _ = process.DrainAsync(CancellationToken.None);
        return (process, line["ready ".Length..]);
    }
}
