namespace Xmtp.Gateway.Hosting;

/// <summary>The output of <c>--help</c>: what a gateway needs, first; an example; the commands. At most two screens.</summary>
internal static class GatewayHelp
{
    /// <summary>The text; its flags and variables are those of the table.</summary>
    public const string Text = """
        The XMTP payer gateway: signs what clients publish, and pays for it.

        Usage: xmtp-gateway [--flag value | --flag=value | --switch] ...
               xmtp-gateway COMMAND [--flag value] ...

        Required, each as a flag or as a variable:
          --contracts.environment NAME           XMTPD_CONTRACTS_ENVIRONMENT: testnet, mainnet, anvil
          --contracts.app-chain.rpc-url URL      XMTPD_APP_CHAIN_RPC_URL
          --contracts.settlement-chain.rpc-url URL    XMTPD_SETTLEMENT_CHAIN_RPC_URL
          --payer.private-key-file PATH          XMTPD_PAYER_PRIVATE_KEY_FILE: file with the wallet's key;
                                                 or --payer.private-key, or --payer.keystore-file

        Who may publish; without one of them everyone may, at the wallet's expense:
          --auth.allowlist LIST                  XMTPD_AUTH_ALLOWLIST: users of tokens, addresses, ranges
          --auth.jwt.jwks-url URL                XMTPD_AUTH_JWT_JWKS_URL: users with the issuer's tokens
          --auth.allow-all                       XMTPD_AUTH_ALLOW_ALL: everyone, on purpose
          --limits LIMITS, --budgets BUDGETS     XMTPD_LIMITS, XMTPD_BUDGETS: how much, for how much money;
                                                 such as stock and "0.50/day, 300/month gateway"

        Often:
          --contracts.app-chain.wss-url URL, --contracts.settlement-chain.wss-url URL    events at once
          --redis.redis-url URL                  XMTPD_REDIS_URL: what replicas share
          -p, --api.port N                       XMTPD_API_PORT: all protocols; default 5050
          --metrics.enable                       XMTPD_METRICS_ENABLE: Prometheus on 127.0.0.1:8008
          --log.log-level LEVEL                  XMTPD_LOG_LEVEL

        Example:
          xmtp-gateway --contracts.environment testnet --payer.private-key-file payer.key \
            --contracts.app-chain.rpc-url https://APP-CHAIN-RPC \
            --contracts.settlement-chain.rpc-url https://BASE-RPC

        Commands:
          doctor        check all that a gateway with these settings needs, without starting one
          payer         the payer's money: status, deposit, withdraw, mint, new-key; payer help lists them
          estimate      what a month of publishing costs; estimate help lists its figures
          healthcheck   whether the process on this machine is alive; exit code 0 or 1
          help, version

        --help all lists every flag with its variable and default; docs/configuration.md explains them.
        Gateways and their funds on the network: https://docs.xmtp.org/fund-agents-apps/run-gateway
        """;
}
