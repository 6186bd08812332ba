using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Contracts;

/// <summary>The built-in deployments: chain ids, contracts and deployment blocks, as published with the contracts.</summary>
internal static class ContractsEnvironment
{
    private static readonly Dictionary<string, ContractsFile> All = new()
    {
        // The addresses of the contracts' container image and of the local dev network.
        ["anvil"] = new()
        {
            AppChainId = 31337,
            SettlementChainId = 31337,
            GroupMessageBroadcaster = "0x062741d1daE094dcE72A4895462E17A9bAD4d119",
            IdentityUpdateBroadcaster = "0xCF4dEB9D7dBb100002a97d4E95F667c43c01FC10",
            NodeRegistry = "0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C",
            RateRegistry = "0xf0fC16E20Edb4ED762fBd3724F4EbFAeD07018b0",
            PayerRegistry = "0xB49a1142Bc0407EB0c406EfBb3e32fbC8daa9fCe",
            PayerReportManager = "0xbBFAc1B3083E66b574342D23edD39ADeE6f78f80",
        },
        ["testnet"] = new()
        {
            AppChainId = 351243127,
            AppChainDeploymentBlock = 7243,
            SettlementChainId = 84532,
            SettlementChainDeploymentBlock = 29322114,
            GroupMessageBroadcaster = "0x6619B1c95eb10d339903E4AA9938314d6E711d17",
            IdentityUpdateBroadcaster = "0xD49DCDd95Ce435eaB2E53DBfcBceF5cAAc78D95a",
            NodeRegistry = "0x7C639a2be8B75c4799c1372A42448f41B89D88DE",
            RateRegistry = "0x3bBaf2a31D05c6715A147116c47B801E496ddacF",
            PayerRegistry = "0xF0bd6Ac8AA00BA083cF95C5438B33488cbd2562B",
            PayerReportManager = "0x9de0b8C883c01F28A0F3d39De90c098F0941176f",
        },
        ["mainnet"] = new()
        {
            AppChainId = 241320162,
            AppChainDeploymentBlock = 38871,
            SettlementChainId = 8453,
            SettlementChainDeploymentBlock = 39249922,
            GroupMessageBroadcaster = "0x4C5AeDee2c1FcF0dC2BCaEb2793b8fCc1e6cC686",
            IdentityUpdateBroadcaster = "0x0F3bb242AaC0D8d32c83aa6c2fEC354b9757374d",
            NodeRegistry = "0xC5742B5F2e19B859eaE03A9c44531C33fA8e75F8",
            RateRegistry = "0xa72d7b979349E203777f80C458DBa5543bccc815",
            PayerRegistry = "0xd1c78Dee5d58eCCF1cF1CAABbfc9837215f1B82B",
            PayerReportManager = "0xEf3E4F3606A297eE0E7D2346A3b0EcfA69eDb457",
        },
    };

    /// <summary>The local network, which holds no real money.</summary>
    public const string Local = "anvil";

    private const string RealMoney = "mainnet";

    public static IReadOnlyCollection<string> Names => All.Keys;

    /// <summary>Whether the deployment is the local network.</summary>
    public static bool IsLocal(ContractsOptions contracts) => Local.Equals(contracts.Environment, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the deployment is mainnet, by its name or by the settlement chain's id.</summary>
    public static bool IsMainnet(ContractsOptions contracts) =>
        RealMoney.Equals(contracts.Environment, StringComparison.OrdinalIgnoreCase)
            || contracts.SettlementChain.ChainId == All[RealMoney].SettlementChainId;

    /// <summary>Finds a deployment by name, in any case.</summary>
    public static ContractsFile? Find(string name) => All.GetValueOrDefault(name.ToLowerInvariant());
}
