using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A stock gateway in a process of its own, on the chain of a network.</summary>
internal sealed record Replica(GatewayProcess Process, Uri Url) : IAsyncDisposable
{
    public static async Task<Replica> StartAsync(DevNetwork network, RedisServer redis, PayersFileOnDisk file, params string[] more)
    {
        var port = RedisServer.FreePort();
        var process = GatewayProcess.Start(
        [
            $"--api.port={port}", "--api.http-port=-1", "--api.bind-address=127.0.0.1", "--contracts.environment=anvil",
            $"--contracts.app-chain.rpc-url={network.ChainUrl}", $"--contracts.settlement-chain.rpc-url={network.ChainUrl}",
            $"--redis.redis-url=redis://127.0.0.1:{redis.Port}", .. file.Flags, .. more,
        ]);
        await process.ReadUntilAsync("started api server");
        return new Replica(process, new Uri($"http://127.0.0.1:{port}"));
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
