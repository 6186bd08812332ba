using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>The two chains and their contracts: an environment or a file, and single values that override it.</summary>
internal sealed class ContractsSettings : SettingGroup<ContractsOptions>
{
    private const string NotCalled = "the gateway does not call this contract";

    // That of Anvil, as in the original.
    private const ulong DefaultChainId = 31337;

    private readonly ContractsSource _source = new();

    /// <summary>The rows.</summary>
    /// <param name="isOfWatcher">
    /// Whether a chain watcher reads them: without an App Chain URL it needs the settlement chain's URL, payer registry
    /// and report manager alone.
    /// </param>
    public ContractsSettings(bool isOfWatcher = false)
        : base("Chains and contracts", "Xmtp:Contracts")
    {
        IsChainIdOptional = isOfWatcher;
        Add(
            "contracts.environment",
            "XMTPD_CONTRACTS_ENVIRONMENT",
            "Environment",
            SettingTypes.OneOf([.. ContractsEnvironment.Names]),
            (o, v) => o.Environment = v,
            null,
            "deployment whose chain ids and addresses are used");
        Add(
            "contracts.config-file-path",
            "XMTPD_CONTRACTS_CONFIG_FILE_PATH",
            "ConfigFilePath",
            SettingTypes.SecretText,
            (_, _) => { },
            null,
            "JSON file instead: a path, file://, http(s):// or config://NAME");
        Add(
            "contracts.config-json",
            "XMTPD_CONTRACTS_CONFIG_JSON",
            "ConfigJson",
            SettingTypes.SecretText,
            (_, _) => { },
            null,
            "the JSON itself instead");
        Add(
            "contracts.start-timeout",
            "XMTPD_CONTRACTS_START_TIMEOUT",
            "StartTimeout",
            SettingTypes.PositiveDuration,
            (o, v) => o.StartTimeout = v,
            "15s",
            "how long the start waits for a chain that does not answer");
        AddAppChain();
        AddSettlementChain();
        foreach (var chain in (string[])["app-chain", "settlement-chain"])
        {
            // The original's gateway does not read them, and its watcher takes their zeros for no value.
            foreach (var flag in (string[])["deployment-block", "max-chain-disconnect-time", "backfill-block-page-size"])
                TakeZeroForNone($"contracts.{chain}.{flag}");
        }
    }

    /// <summary>Whether a chain whose id is not configured is taken as it is.</summary>
    public bool IsChainIdOptional { get; }

    /// <inheritdoc/>
    protected override void Prepare(ContractsOptions options, IConfiguration configuration, ICollection<string> faults) =>
        _source.Load(options, configuration.GetSection("Xmtp:Contracts"), faults);

    /// <inheritdoc/>
    protected override void Complete(ContractsOptions options)
    {
        var (app, settlement) = (options.AppChain, options.SettlementChain);
        var hasAddress = !app.GroupMessageBroadcaster.IsZero || !app.IdentityUpdateBroadcaster.IsZero || !settlement.NodeRegistry.IsZero;
        if (_source.IsBroken || !hasAddress || IsSettlementOnly(options)) return;
        if (app.ChainId == 0) app.ChainId = DefaultChainId;
        if (settlement.ChainId == 0) settlement.ChainId = DefaultChainId;
    }

    /// <inheritdoc/>
    protected override void Check(ContractsOptions options, ICollection<string> faults)
    {
        Setting Row(string flag) => Settings.Single(row => row.Flag == flag);
        void Require(bool given, string flag, string? with = null)
        {
            var setting = Row(flag);
            if (!given)
            {
                faults.Add(
                    $"{setting.Name}: required" + (setting.ValueWord == "url"
                        ? with
                        : ", unless --contracts.environment or a contracts file gives it"));
            }
        }

        var isSettlementOnly = IsSettlementOnly(options);
        if (!isSettlementOnly) Require(options.AppChain.RpcUrl is not null, "contracts.app-chain.rpc-url");
        else if (options.AppChain.WssUrl is not null)
            Require(false, "contracts.app-chain.rpc-url", $" with {Row("contracts.app-chain.wss-url").Name}");
        Require(options.SettlementChain.RpcUrl is not null, "contracts.settlement-chain.rpc-url");
        if (_source.IsBroken) return;
        if (isSettlementOnly)
        {
            Require(!options.SettlementChain.PayerRegistry.IsZero, "contracts.settlement-chain.payer-registry-address");
            Require(!options.SettlementChain.PayerReportManager.IsZero, "contracts.settlement-chain.payer-report-manager-address");
            return;
        }

        if (options.AppChain.ChainId == 0 && options.SettlementChain.ChainId == 0)
        {
            faults.Add(
                $"--contracts.environment (XMTPD_CONTRACTS_ENVIRONMENT): required, unless a contracts file or single flags give the " +
                $"addresses; expected one of {string.Join(", ", ContractsEnvironment.Names)}");
            return;
        }

        Require(options.AppChain.ChainId != 0, "contracts.app-chain.chain-id");
        Require(options.SettlementChain.ChainId != 0, "contracts.settlement-chain.chain-id");
        Require(!options.AppChain.GroupMessageBroadcaster.IsZero, "contracts.app-chain.group-message-broadcaster-address");
        Require(!options.AppChain.IdentityUpdateBroadcaster.IsZero, "contracts.app-chain.identity-update-broadcaster-address");
        Require(!options.SettlementChain.NodeRegistry.IsZero, "contracts.settlement-chain.node-registry-address");
        if (!IsChainIdOptional) return;
        Require(!options.SettlementChain.RateRegistry.IsZero, "contracts.settlement-chain.rate-registry-address");
        Require(!options.SettlementChain.PayerRegistry.IsZero, "contracts.settlement-chain.payer-registry-address");
        Require(!options.SettlementChain.PayerReportManager.IsZero, "contracts.settlement-chain.payer-report-manager-address");
    }

    private bool IsSettlementOnly(ContractsOptions options) => IsChainIdOptional && options.AppChain.RpcUrl is null;

    private void AddAppChain()
    {
        void Row<T>(
            string flag,
            string variable,
            string key,
            SettingType<T> kind,
            Action<AppChainOptions, T> set,
            string? @default,
            string help,
            params string[] others) =>
            Add(
                "contracts.app-chain." + flag,
                "XMTPD_APP_CHAIN_" + variable,
                "AppChain:" + key,
                kind,
                (o, v) => set(o.AppChain, v),
                @default,
                help,
                [.. others.Select(o => "XMTPD_APP_CHAIN_" + o)]);

        Row("rpc-url", "RPC_URL", "RpcUrl", SettingTypes.HttpUrl, (o, v) => o.RpcUrl = v, null, "JSON-RPC of the App Chain over http(s)");
        Row(
            "wss-url",
            "WSS_URL",
            "WssUrl",
            SettingTypes.WebSocketUrl,
            (o, v) => o.WssUrl = v,
            null,
            "JSON-RPC of the App Chain over ws(s); without it the chain is polled");
        Row(
            "chain-id",
            "CHAIN_ID",
            "ChainId",
            SettingTypes.Unsigned,
            (o, v) => o.ChainId = v,
            null,
            "chain id that the App Chain must have; 31337 where only addresses are given");
        Row(
            "deployment-block",
            "DEPLOYMENT_BLOCK",
            "DeploymentBlock",
            SettingTypes.Unsigned,
            (o, v) => o.DeploymentBlock = v,
            null,
            "block that the contracts were deployed at; 0 is that of the environment or the contracts file");
        Row(
            "max-blockchain-payload-size",
            "MAX_BLOCKCHAIN_PAYLOAD_SIZE",
            "MaxBlockchainPayloadSize",
            SettingTypes.Count,
            (o, v) => o.MaxBlockchainPayloadSize = v,
            "200000",
            "largest envelope that is put on chain, in bytes; 0 is no limit but the contracts' own");
        Row(
            "max-chain-disconnect-time",
            "MAX_CHAIN_DISCONNECT_TIME",
            "MaxChainDisconnectTime",
            SettingTypes.PositiveAge,
            (o, v) => o.MaxChainDisconnectTime = v,
            "60s",
            "how long the chain may be unavailable before it counts as lost");
        Row(
            "backfill-block-page-size",
            "BACKFILL_BLOCK_PAGE_SIZE",
            "BackfillBlockPageSize",
            SettingTypes.Positive,
            (o, v) => o.BackfillBlockPageSize = v,
            "500",
            "max blocks that one backfill query spans");
        Row(
            "group-message-broadcaster-address",
            "GROUP_MESSAGE_BROADCAST_ADDRESS",
            "GroupMessageBroadcaster",
            SettingTypes.Address,
            (o, v) => o.GroupMessageBroadcaster = v,
            null,
            "contract that group commits and proposals go to", "GROUP_MESSAGE_BROADCASTER_ADDRESS");
        Row(
            "identity-update-broadcaster-address",
            "IDENTITY_UPDATE_BROADCAST_ADDRESS",
            "IdentityUpdateBroadcaster",
            SettingTypes.Address,
            (o, v) => o.IdentityUpdateBroadcaster = v,
            null,
            "contract that identity updates go to", "IDENTITY_UPDATE_BROADCASTER_ADDRESS");
        AddWithoutEffect("contracts.app-chain.gateway-address", "XMTPD_APP_CHAIN_GATEWAY_ADDRESS", SettingTypes.Text, NotCalled);
        AddWithoutEffect(
            "contracts.app-chain.parameter-registry-address", "XMTPD_APP_CHAIN_PARAMETER_REGISTRY_ADDRESS", SettingTypes.Text, NotCalled);
    }

    private void AddSettlementChain()
    {
        void Row<T>(
            string flag,
            string variable,
            string key,
            SettingType<T> kind,
            Action<SettlementChainOptions, T> set,
            string? @default,
            string help) =>
            Add(
                "contracts.settlement-chain." + flag,
                "XMTPD_SETTLEMENT_CHAIN_" + variable,
                "SettlementChain:" + key,
                kind,
                (o, v) => set(o.SettlementChain, v),
                @default,
                help);
        void Contract(string flag, string variable, string key, Action<SettlementChainOptions, EthereumAddress> set, string help) =>
            Row(flag, variable, key, SettingTypes.Address, set, null, help);

        Row(
            "rpc-url",
            "RPC_URL",
            "RpcUrl",
            SettingTypes.HttpUrl,
            (o, v) => o.RpcUrl = v,
            null,
            "JSON-RPC of the settlement chain (Base) over http(s)");
        Row(
            "wss-url",
            "WSS_URL",
            "WssUrl",
            SettingTypes.WebSocketUrl,
            (o, v) => o.WssUrl = v,
            null,
            "JSON-RPC of the settlement chain over ws(s); without it the chain is polled");
        Row(
            "chain-id",
            "CHAIN_ID",
            "ChainId",
            SettingTypes.Unsigned,
            (o, v) => o.ChainId = v,
            null,
            "chain id that the settlement chain must have; 31337 where only addresses are given");
        Row(
            "deployment-block",
            "DEPLOYMENT_BLOCK",
            "DeploymentBlock",
            SettingTypes.Unsigned,
            (o, v) => o.DeploymentBlock = v,
            null,
            "block that the contracts were deployed at; 0 is that of the environment or the contracts file");
        Row(
            "node-registry-refresh-interval",
            "NODE_REGISTRY_REFRESH_INTERVAL",
            "NodeRegistryRefreshInterval",
            SettingTypes.PositiveDuration,
            (o, v) => o.NodeRegistryRefreshInterval = v,
            "60s",
            "how often the node registry is read");
        Row(
            "rate-registry-refresh-interval",
            "RATE_REGISTRY_REFRESH_INTERVAL",
            "RateRegistryRefreshInterval",
            SettingTypes.PositiveDuration,
            (o, v) => o.RateRegistryRefreshInterval = v,
            "300s",
            "how often the rate registry is read");
        Row(
            "max-chain-disconnect-time",
            "MAX_CHAIN_DISCONNECT_TIME",
            "MaxChainDisconnectTime",
            SettingTypes.PositiveAge,
            (o, v) => o.MaxChainDisconnectTime = v,
            "300s",
            "how long the chain may be unavailable before it counts as lost");
        Row(
            "backfill-block-page-size",
            "BACKFILL_BLOCK_PAGE_SIZE",
            "BackfillBlockPageSize",
            SettingTypes.Positive,
            (o, v) => o.BackfillBlockPageSize = v,
            "500",
            "max blocks that one backfill query spans");
        Contract(
            "node-registry-address",
            "NODE_REGISTRY_ADDRESS",
            "NodeRegistry",
            (o, v) => o.NodeRegistry = v,
            "contract that lists the nodes");
        Contract(
            "rate-registry-address",
            "RATE_REGISTRY_ADDRESS",
            "RateRegistry",
            (o, v) => o.RateRegistry = v,
            "contract that lists the rates; without it nothing is priced");
        Contract(
            "payer-registry-address",
            "PAYER_REGISTRY_ADDRESS",
            "PayerRegistry",
            (o, v) => o.PayerRegistry = v,
            "contract that holds the payers' balances; without it they are not read");
        Contract(
            "payer-report-manager-address",
            "PAYER_REPORT_MANAGER_ADDRESS",
            "PayerReportManager",
            (o, v) => o.PayerReportManager = v,
            "contract that settles payer reports");
        foreach (var (flag, variable) in new[]
        {
            ("gateway-address", "GATEWAY_ADDRESS"), ("parameter-registry-address", "PARAMETER_REGISTRY_ADDRESS"),
            ("distribution-manager-address", "DISTRIBUTION_MANAGER_ADDRESS"),
            ("underlying-fee-token-address", "UNDERLYING_FEE_TOKEN_ADDRESS"),
            ("fee-token-address", "FEE_TOKEN_ADDRESS"),
        })
            AddWithoutEffect("contracts.settlement-chain." + flag, "XMTPD_SETTLEMENT_CHAIN_" + variable, SettingTypes.Text, NotCalled);
    }
}
