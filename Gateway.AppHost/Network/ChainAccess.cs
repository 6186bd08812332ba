using Xmtp.Gateway.AppHost.Anvil;

namespace Xmtp.Gateway.AppHost.Network;

/// <summary>
/// The endpoints of both chains and the environment of their contracts, as values for the variables of gateway and
/// watcher.
/// </summary>
/// <param name="Environment">anvil, testnet or mainnet.</param>
/// <param name="AppRpc">The App Chain over http(s).</param>
/// <param name="AppSocket">The App Chain over ws(s); may be empty, then it is polled.</param>
/// <param name="SettlementRpc">The settlement chain over http(s).</param>
/// <param name="SettlementSocket">The settlement chain over ws(s); may be empty.</param>
internal sealed record ChainAccess(
    ReferenceExpression Environment,
    ReferenceExpression AppRpc,
    ReferenceExpression AppSocket,
    ReferenceExpression SettlementRpc,
    ReferenceExpression SettlementSocket)
{
    /// <summary>Both chains are the given Anvil.</summary>
    public static ChainAccess To(IAnvilResource anvil) => new(
        ReferenceExpression.Create($"anvil"),
        anvil.ConnectionStringExpression,
        anvil.WebSocketExpression,
        anvil.ConnectionStringExpression,
        anvil.WebSocketExpression);
}
