using Xmtp.Gateway.AppHost.Anvil;

namespace Xmtp.Gateway.AppHost.Network;

/// <summary>
/// Where both chains answer, and which contracts are on them, as the variables of the gateway and of the watcher take
/// it.
/// </summary>
/// <param name="Environment">anvil, testnet or mainnet.</param>
/// <param name="AppRpc">The App Chain over http(s).</param>
/// <param name="AppSocket">The App Chain over ws(s); may be empty, polling serves then.</param>
/// <param name="SettlementRpc">The settlement chain over http(s).</param>
/// <param name="SettlementSocket">The settlement chain over ws(s); may be empty.</param>
internal sealed record ChainAccess(
    ReferenceExpression Environment,
    ReferenceExpression AppRpc,
    ReferenceExpression AppSocket,
    ReferenceExpression SettlementRpc,
    ReferenceExpression SettlementSocket)
{
    /// <summary>Both chains are one Anvil.</summary>
    public static ChainAccess To(IAnvilResource anvil) => new(
        ReferenceExpression.Create($"anvil"),
        anvil.ConnectionStringExpression,
        anvil.WebSocketExpression,
        anvil.ConnectionStringExpression,
        anvil.WebSocketExpression);
}
