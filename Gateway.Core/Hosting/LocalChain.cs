using Xmtp.Gateway.Hosting.Contracts;

namespace Xmtp.Gateway.Hosting;

/// <summary>The chain of the local network, at the port that <c>Gateway.DevNet</c> and <c>Gateway.AppHost</c> document.</summary>
internal static class LocalChain
{
    /// <summary>The network's name.</summary>
    public const string Environment = ContractsEnvironment.Local;

    /// <summary>JSON-RPC over HTTP.</summary>
    public static readonly Uri Rpc = new("http://127.0.0.1:8545");

    /// <summary>JSON-RPC over WebSocket.</summary>
    public static readonly Uri Socket = new("ws://127.0.0.1:8545");

    /// <summary>The fault of a start without it.</summary>
    public const string Unavailable =
        "AppChainRpcUrl: the local network does not answer at http://127.0.0.1:8545, the default; " +
        "start it with `dotnet run --project Gateway.DevNet`, or name its chain";

    /// <summary>Whether these options mean that chain: the local network, and no chain is named.</summary>
    public static bool IsDefaultOf(XmtpGatewayOptions options) => options is
    {
        ContractsEnvironment: Environment, AppChainRpcUrl: null, AppChainWssUrl: null, SettlementChainRpcUrl: null,
        SettlementChainWssUrl: null,
    };
}
