using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>The settings of transactions on the App Chain: max cost and timeouts.</summary>
internal sealed class AppChainTransactionSettings : SettingGroup<AppChainTransactionOptions>
{
    /// <summary>Creates the settings.</summary>
    public AppChainTransactionSettings()
        : base("App Chain transactions", "Xmtp:AppChain")
    {
        Add(
            "app-chain.max-gas-price",
            "XMTPD_APP_CHAIN_MAX_GAS_PRICE",
            "MaxGasPrice",
            SettingTypes.GasPrice,
            (o, v) => o.MaxGasPrice = v,
            "100",
            "max price that is offered for a unit of gas, replacements included");
        Add(
            "app-chain.min-gas-price",
            "XMTPD_APP_CHAIN_MIN_GAS_PRICE",
            "MinGasPrice",
            SettingTypes.GasPrice,
            (o, v) => o.MinGasPrice = v,
            "0.01",
            "min price that is offered for a unit of gas");
        Add(
            "app-chain.fallback-gas-price",
            "XMTPD_APP_CHAIN_FALLBACK_GAS_PRICE",
            "FallbackGasPrice",
            SettingTypes.GasPrice,
            (o, v) => o.FallbackGasPrice = v,
            "1",
            "price that is offered when the chain has never returned a usable one");
        Add(
            "app-chain.max-in-flight",
            "XMTPD_APP_CHAIN_MAX_IN_FLIGHT",
            "MaxInFlight",
            SettingTypes.InFlight,
            (o, v) => o.NonceStore.MaxInFlight = v,
            "32",
            "max transactions in flight, over all replicas together; the same on each");
        Add(
            "app-chain.send-timeout",
            "XMTPD_APP_CHAIN_SEND_TIMEOUT",
            "SendTimeout",
            SettingTypes.PositiveDuration,
            (o, v) => o.SendTimeout = v,
            "5s",
            "how long a caller waits for the chain's endpoint to accept its transaction; then it gets UNAVAILABLE, and the gateway " +
            "continues to send the same transaction");
        Add(
            "app-chain.stuck-after",
            "XMTPD_APP_CHAIN_STUCK_AFTER",
            "StuckAfter",
            SettingTypes.PositiveDuration,
            (o, v) => o.StuckAfter = v,
            "15s",
            "how long a transaction waits at the front before one that pays more replaces it");
        Add(
            "app-chain.nonce-lease",
            "XMTPD_APP_CHAIN_NONCE_LEASE",
            "NonceLease",
            SettingTypes.PositiveDuration,
            (o, v) => o.NonceStore.Lease = v,
            "15s",
            "how long a nonce stays reserved after its process has stopped; the same on each replica");
    }

    /// <inheritdoc/>
    protected override void Check(AppChainTransactionOptions options, ICollection<string> faults)
    {
        if (options.MinGasPrice > options.MaxGasPrice)
            faults.Add("--app-chain.min-gas-price (XMTPD_APP_CHAIN_MIN_GAS_PRICE): more than --app-chain.max-gas-price");
        if (options.FallbackGasPrice < options.MinGasPrice || options.FallbackGasPrice > options.MaxGasPrice)
        {
            faults.Add(
                "--app-chain.fallback-gas-price (XMTPD_APP_CHAIN_FALLBACK_GAS_PRICE): expected a price from --app-chain.min-gas-price " +
                "to --app-chain.max-gas-price");
        }
        foreach (var fault in LeaseRelation.Faults(options, new IdempotencyOptions())) faults.Add(fault);
    }
}
