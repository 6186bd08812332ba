using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>Starts the stock gateway with flags, as an operator would, and waits until an envelope comes back from the node.</summary>
internal static class GatewayStart
{
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Starts it.</summary>
    /// <param name="chain">The JSON-RPC endpoint of both chains.</param>
    /// <param name="verify">Which of the node's answers it checks: always or sampled.</param>
    /// <param name="more">More flags.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="token">The bearer token that it wants; null for none.</param>
    /// <param name="variables">More environment variables.</param>
    /// <param name="path">Its assembly; null for the one that was built with this program.</param>
    public static async Task<ServerUnderTest> RunAsync(
        Uri chain,
        string verify,
        string[] more,
        CancellationToken cancellationToken,
        string? token = null,
        Dictionary<string, string>? variables = null,
        string? path = null)
    {
        var port = FreePort.Next();
        var allocationPort = FreePort.Next();
        var start = DotnetProgram.Gateway(path ?? DotnetProgram.GatewayPath, [.. Flags(port, chain, verify), .. more])
            .WithAllocationPort(allocationPort);
        start.Environment["XMTPD_PAYER_PRIVATE_KEY"] = Stage.PayerKey;
        foreach (var (name, value) in variables ?? []) start.Environment[name] = value;
        var process = ChildProcess.Start("the gateway", start);
        try
        {
            _ = process.DrainAsync(CancellationToken.None);
            var server = new ServerUnderTest(process, $"http://127.0.0.1:{port}", IsGateway: true, allocationPort);
            await WaitAsync(server, token, cancellationToken);
            return server;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>The flags that every gateway of a measurement has.</summary>
    public static string[] Flags(int port, Uri chain, string verify) =>
    [
        "--api.bind-address", "127.0.0.1", "--api.port", $"{port}", "--api.http-port", "-1",
        "--contracts.environment", "anvil",
        "--contracts.app-chain.rpc-url", chain.AbsoluteUri, "--contracts.settlement-chain.rpc-url", chain.AbsoluteUri,
        "--payer.verify-node-signatures", verify,
    ];

    /// <summary>Waits until an envelope comes back from the node.</summary>
    /// <param name="server">The gateway.</param>
    /// <param name="token">The bearer token that it wants; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="payer">Whose signature the envelope must have; null for the payer of every measurement.</param>
    /// <param name="node">The node that it must come from; 0 for any.</param>
    /// <param name="pause">The time between two tries; null for 200 ms.</param>
    public static async Task WaitAsync(
        ServerUnderTest server,
        string? token,
        CancellationToken cancellationToken,
        EthereumAddress? payer = null,
        uint node = 0,
        TimeSpan? pause = null)
    {
        var request = PublishRequest.For(new LoadWindow { IsGateway = true, Seconds = 0, NodeId = node }).Renew();
        await WaitForAsync(server, PublishAsync, cancellationToken, pause);

        async Task PublishAsync(CallInvoker calls)
        {
            var options = new CallOptions(
                token is null ? null : new Metadata { { "authorization", "Bearer " + token } },
                deadline: (TimeProvider.System.GetUtcNow() + MaxDuration).UtcDateTime,
                cancellationToken: cancellationToken);
            AnswerCheck.Check(
                request,
                await calls.AsyncUnaryCall(PublishMethods.ToGateway, null, options, request),
                payer ?? Stage.Payer.Address,
                node);
        }
    }

    /// <summary>Waits until a call succeeds.</summary>
    /// <param name="server">The gateway.</param>
    /// <param name="callAsync">The call; a refusal is tried again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="pause">The time between two tries; null for 200 ms.</param>
    /// <param name="max">How long it tries; null for a minute.</param>
    public static async Task WaitForAsync(
        ServerUnderTest server,
        Func<CallInvoker, Task> callAsync,
        CancellationToken cancellationToken,
        TimeSpan? pause = null,
        TimeSpan? max = null)
    {
        var between = pause ?? Pause;
        // A channel whose connection was refused waits a second before the next one by default.
        using var channel = GrpcChannel.ForAddress(
            server.Url, new GrpcChannelOptions { InitialReconnectBackoff = between, MaxReconnectBackoff = between });
        var calls = channel.CreateCallInvoker();
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await callAsync(calls);
                return;
            }
            catch (RpcException refused) when (!cancellationToken.IsCancellationRequested)
            {
                if (server.Process.HasExited)
                    throw new BenchFailure($"{server.Process.Name} ended before it published:\n{await server.Process.LastLinesAsync()}");
                if (TimeProvider.System.GetElapsedTime(start) > (max ?? MaxDuration))
                    throw new BenchFailure($"{server.Process.Name} does not publish: {refused.Status}\n{server.Process.LastLines}");
                await Task.Delay(between, TimeProvider.System, cancellationToken);
            }
        }
    }
}
