using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Nethereum.DevChains;

namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>The chain behind a resource that has its port already.</summary>
internal static class AnvilChain
{
    /// <summary>Asks the chain something, or tells it.</summary>
    /// <exception cref="RpcException">It did not answer, or a contract refused.</exception>
    public static async Task<T> OnChainAsync<T>(
        this IAnvilResource anvil, Func<DevChain, CancellationToken, Task<T>> ask, CancellationToken stoppingToken)
    {
        var url = await anvil.ConnectionStringExpression.GetValueAsync(stoppingToken)
            ?? throw new InvalidOperationException($"{anvil.Name} has no address yet");
        using var transport = new HttpRpcTransport(new Uri(url));
        return await ask(new DevChain(new EthereumRpc(transport)), stoppingToken);
    }
}
