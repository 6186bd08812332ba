namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>Where the contracts are: the addresses of <c>--contracts.environment anvil</c>.</summary>
internal static class ContractAddresses
{
    /// <summary>Orders group commits and proposals.</summary>
    public const string GroupMessageBroadcaster = "0x062741d1daE094dcE72A4895462E17A9bAD4d119";

    /// <summary>Orders identity updates.</summary>
    public const string IdentityUpdateBroadcaster = "0xCF4dEB9D7dBb100002a97d4E95F667c43c01FC10";

    /// <summary>Lists the nodes.</summary>
    public const string NodeRegistry = "0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C";

    /// <summary>Lists the prices.</summary>
    public const string RateRegistry = "0xf0fC16E20Edb4ED762fBd3724F4EbFAeD07018b0";

    /// <summary>Keeps the payers' balances.</summary>
    public const string PayerRegistry = "0xB49a1142Bc0407EB0c406EfBb3e32fbC8daa9fCe";

    /// <summary>Anvil's first account: unlocked on every local chain, and the administrator of the real contracts there.</summary>
    public const string Administrator = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

    /// <summary>Anvil's second account: the wallet that pays on the local network, rich on every local chain.</summary>
    public const string Payer = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
}
