namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>The output of <c>--help</c>: what a watcher needs, first; an example; the commands. At most two screens.</summary>
internal static class WatcherHelp
{
    /// <summary>The text; its flags and variables are those of the table.</summary>
    public const string Text = """
        The XMTP chain watcher: follows both chains for gateways and operators.

        Usage: xmtp-chain-watcher [--flag value | --flag=value | --switch] ...
               xmtp-chain-watcher COMMAND

        Required, each as a flag or as a variable (those of the gateway serve as they are):
          --contracts.environment NAME           XMTPD_CONTRACTS_ENVIRONMENT: testnet, mainnet, anvil
          --contracts.settlement-chain.rpc-url URL    XMTPD_SETTLEMENT_CHAIN_RPC_URL

        Often:
          --contracts.app-chain.rpc-url URL      XMTPD_APP_CHAIN_RPC_URL: follow the App Chain too
          --contracts.app-chain.wss-url URL, --contracts.settlement-chain.wss-url URL    events at once
          --watcher.payer-address ADDRESS        XMTPD_WATCHER_PAYER_ADDRESS: whose money is followed
          --redis.redis-url URL                  XMTPD_REDIS_URL: the gateways' Redis, to notify them
          --watcher.state-folder PATH            XMTPD_WATCHER_STATE_FOLDER: checkpoints without Redis
          --watcher.network                      XMTPD_WATCHER_NETWORK: watch the nodes' cursors
          --metrics.metrics-port N               XMTPD_METRICS_METRICS_PORT: its only port; default 8008

        Example:
          xmtp-chain-watcher --contracts.environment testnet --watcher.payer-address 0xPAYER \
            --contracts.settlement-chain.rpc-url https://BASE-RPC

        Commands:
          healthcheck   whether the process on this machine is alive; exit code 0 or 1
          help, version

        --help all lists every flag with its variable and default; docs/configuration.md explains them.
        What it reports: docs/operations.md, "The chain watcher".
        """;
}
