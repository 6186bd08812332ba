using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting.Options;

/// <summary>The chains and contracts of the gateway. The environment fills in what is not set.</summary>
public sealed class ContractsOptions
{
    /// <summary>anvil, testnet or mainnet; null when everything comes from a file or from flags.</summary>
    public string? Environment { get; set; }

    /// <summary>How long the start waits for a chain that does not respond. More than zero; default 15 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The App Chain.</summary>
    public AppChainOptions AppChain { get; set; } = new();

    /// <summary>The settlement chain (Base).</summary>
    public SettlementChainOptions SettlementChain { get; set; } = new();
}

/// <summary>The App Chain and its contracts.</summary>
public sealed class AppChainOptions
{
    /// <summary>The JSON-RPC endpoint over http(s). May contain credentials: never logged in full.</summary>
    public Uri? RpcUrl { get; set; }

    /// <summary>The JSON-RPC endpoint over ws(s); optional; without it the chain is polled.</summary>
    public Uri? WssUrl { get; set; }

    /// <summary>The required chain id of the endpoint.</summary>
    public ulong ChainId { get; set; }

    /// <summary>The block at which the contracts were deployed.</summary>
    public ulong DeploymentBlock { get; set; }

    /// <summary>The contract for group messages.</summary>
    public EthereumAddress GroupMessageBroadcaster { get; set; }

    /// <summary>The contract for identity updates.</summary>
    public EthereumAddress IdentityUpdateBroadcaster { get; set; }

    /// <summary>
    /// The max size of a client envelope that is published on chain, in bytes; 0 is no limit but the contracts' own. Default
    /// 200,000.
    /// </summary>
    public int MaxBlockchainPayloadSize { get; set; } = 200_000;

    /// <summary>How long the chain may be unavailable before it counts as lost. More than zero; default 60 s.</summary>
    public TimeSpan MaxChainDisconnectTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The max number of blocks per backfill query. At least 1; default 500.</summary>
    public int BackfillBlockPageSize { get; set; } = 500;
}

/// <summary>The settlement chain and its contracts.</summary>
public sealed class SettlementChainOptions
{
    /// <summary>The JSON-RPC endpoint over http(s). May contain credentials: never logged in full.</summary>
    public Uri? RpcUrl { get; set; }

    /// <summary>The JSON-RPC endpoint over ws(s); optional; without it the chain is polled.</summary>
    public Uri? WssUrl { get; set; }

    /// <summary>The required chain id of the endpoint.</summary>
    public ulong ChainId { get; set; }

    /// <summary>The block at which the contracts were deployed.</summary>
    public ulong DeploymentBlock { get; set; }

    /// <summary>The contract with the nodes.</summary>
    public EthereumAddress NodeRegistry { get; set; }

    /// <summary>The contract with the rates; zero for none: then nothing is priced.</summary>
    public EthereumAddress RateRegistry { get; set; }

    /// <summary>The contract with the payers' balances; zero for none: then balances and charges are not read.</summary>
    public EthereumAddress PayerRegistry { get; set; }

    /// <summary>The contract with the payer reports; zero for none. The gateway does not call it.</summary>
    public EthereumAddress PayerReportManager { get; set; }

    /// <summary>How often the node registry is read. More than zero; default 60 s.</summary>
    public TimeSpan NodeRegistryRefreshInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the rate registry is read. More than zero; default 300 s.</summary>
    public TimeSpan RateRegistryRefreshInterval { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>How long the chain may be unavailable before it counts as lost. Default 300 s.</summary>
    public TimeSpan MaxChainDisconnectTime { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>The max number of blocks per backfill query. At least 1; default 500.</summary>
    public int BackfillBlockPageSize { get; set; } = 500;
}
