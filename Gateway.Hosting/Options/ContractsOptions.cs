using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting.Options;

/// <summary>Which chains and contracts the gateway works with. The environment fills in what is not set.</summary>
public sealed class ContractsOptions
{
    /// <summary>anvil, testnet or mainnet; null when everything comes from a file or from flags.</summary>
    public string? Environment { get; set; }

    /// <summary>How long the start waits for a chain that does not answer. More than zero; default 15 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The App Chain.</summary>
    public AppChainOptions AppChain { get; set; } = new();

    /// <summary>The settlement chain (Base).</summary>
    public SettlementChainOptions SettlementChain { get; set; } = new();
}

/// <summary>The App Chain and its contracts.</summary>
public sealed class AppChainOptions
{
    /// <summary>The JSON-RPC endpoint over http(s). May hold credentials: never logged whole.</summary>
    public Uri? RpcUrl { get; set; }

    /// <summary>The JSON-RPC endpoint over ws(s); optional, polling serves without it.</summary>
    public Uri? WssUrl { get; set; }

    /// <summary>The chain id that the endpoint must have.</summary>
    public ulong ChainId { get; set; }

    /// <summary>The block that the contracts were deployed at.</summary>
    public ulong DeploymentBlock { get; set; }

    /// <summary>Group messages go here.</summary>
    public EthereumAddress GroupMessageBroadcaster { get; set; }

    /// <summary>Identity updates go here.</summary>
    public EthereumAddress IdentityUpdateBroadcaster { get; set; }

    /// <summary>The largest client envelope that is put on chain, in bytes. Default 200,000.</summary>
    public int MaxBlockchainPayloadSize { get; set; } = 200_000;

    /// <summary>How long the chain may be away before it counts as lost. More than zero; default 60 s.</summary>
    public TimeSpan MaxChainDisconnectTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many blocks one backfill query spans at most. At least 1; default 500.</summary>
    public int BackfillBlockPageSize { get; set; } = 500;
}

/// <summary>The settlement chain and its contracts.</summary>
public sealed class SettlementChainOptions
{
    /// <summary>The JSON-RPC endpoint over http(s). May hold credentials: never logged whole.</summary>
    public Uri? RpcUrl { get; set; }

    /// <summary>The JSON-RPC endpoint over ws(s); optional, polling serves without it.</summary>
    public Uri? WssUrl { get; set; }

    /// <summary>The chain id that the endpoint must have.</summary>
    public ulong ChainId { get; set; }

    /// <summary>The block that the contracts were deployed at.</summary>
    public ulong DeploymentBlock { get; set; }

    /// <summary>The nodes.</summary>
    public EthereumAddress NodeRegistry { get; set; }

    /// <summary>The rates.</summary>
    public EthereumAddress RateRegistry { get; set; }

    /// <summary>The payers' balances.</summary>
    public EthereumAddress PayerRegistry { get; set; }

    /// <summary>The payer reports.</summary>
    public EthereumAddress PayerReportManager { get; set; }

    /// <summary>How often the node registry is read. More than zero; default 60 s.</summary>
    public TimeSpan NodeRegistryRefreshInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the rate registry is read. More than zero; default 300 s.</summary>
    public TimeSpan RateRegistryRefreshInterval { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>How long the chain may be away before it counts as lost. Default 300 s.</summary>
    public TimeSpan MaxChainDisconnectTime { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>How many blocks one backfill query spans at most. At least 1; default 500.</summary>
    public int BackfillBlockPageSize { get; set; } = 500;
}
