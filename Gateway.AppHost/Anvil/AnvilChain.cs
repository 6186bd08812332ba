using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Nethereum.DevChains;

namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>Access to the chain of a resource whose port is allocated.</summary>
internal static class AnvilChain
{
    /// <summary>Runs a query or a change on the chain.</summary>
    /// <exception cref="RpcException">The chain did not respond, or a contract reverted.</exception>
    public static async Task<T> OnChainAsync<T>(
        this IAnvilResource anvil, Func<DevChain, CancellationToken, Task<T>> ask, CancellationToken stoppingToken)
    {
        var url = await anvil.ConnectionStringExpression.GetValueAsync(stoppingToken)
            ?? throw new InvalidOperationException($"{anvil.Name} has no address yet");
        using var transport = new HttpRpcTransport(new Uri(url));
        return await ask(new DevChain(new EthereumRpc(transport)), stoppingToken);
    }
}
