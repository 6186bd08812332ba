using System.Diagnostics.Metrics;
using System.Globalization;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.AppChain;

/// <summary>What dashboards see of the App Chain flow; names and labels are those of the original.</summary>
public sealed class AppChainMetrics
{
    private static readonly KeyValuePair<string, object?> Success = new("status", "success");
    private static readonly KeyValuePair<string, object?> Failure = new("status", "failure");

    private readonly Histogram<double> wait, publish, broadcast;
    private readonly Gauge<long> nonce, price, updatedAt;
    private readonly Counter<long> updates, fallbacks;

    /// <summary>Makes the instruments.</summary>
    public AppChainMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Xmtp.Gateway.AppChain");
        wait = meter.CreateHistogram("xmtp_blockchain_wait_for_transaction_seconds", null, "How long a receipt took", null, Buckets.Seconds);
        publish = meter.CreateHistogram("xmtp_blockchain_publish_payload_seconds", null, "How long a payload took from request to receipt", null, Buckets.Seconds);
        broadcast = meter.CreateHistogram("xmtp_blockchain_broadcast_transaction_seconds", null, "How long the RPC took to accept a transaction", null, Buckets.Seconds);
        nonce = meter.CreateGauge<long>("xmtp_gateway_lru_nonce", description: "The nonce that was last handed out");
        price = meter.CreateGauge<long>("xmtp_blockchain_oracle_gas_price", description: "Gas price, in wei");
        updates = meter.CreateCounter<long>("xmtp_blockchain_oracle_gas_price_updates_total", description: "Readings of the gas price");
        fallbacks = meter.CreateCounter<long>("xmtp_blockchain_oracle_gas_price_default_fallback_total", description: "Times that no fresh gas price was there");
        updatedAt = meter.CreateGauge<long>("xmtp_blockchain_oracle_gas_price_last_update_timestamp_unix", description: "When the gas price was last read, in unix seconds");
    }

    /// <summary>The label of a payload's type, such as <c>group_message</c>; whoever records for it often keeps it.</summary>
    public static KeyValuePair<string, object?> PayloadType(string type) => new("payload_type", type);

    /// <summary>The label of a chain; whoever records for it often keeps it.</summary>
    public static KeyValuePair<string, object?> ChainId(ulong id) => new("chain_id", id.ToString(CultureInfo.InvariantCulture));

    /// <summary>The wait for a receipt ended.</summary>
    public void Waited(bool mined, TimeSpan took) => wait.Record(took.TotalSeconds, mined ? Success : Failure);

    /// <summary>A payload was published, or given up.</summary>
    public void Published(KeyValuePair<string, object?> payloadType, TimeSpan took) => publish.Record(took.TotalSeconds, payloadType);

    /// <summary>The RPC was given a transaction.</summary>
    public void Broadcast(KeyValuePair<string, object?> payloadType, bool accepted, TimeSpan took) =>
        broadcast.Record(took.TotalSeconds, payloadType, accepted ? Success : Failure);

    /// <summary>A nonce was handed out.</summary>
    public void NonceUsed(ulong value) => nonce.Record((long)value);

    /// <summary>The gas price was read, in wei.</summary>
    public void GasPriceRead(KeyValuePair<string, object?> chainId, ulong wei, DateTimeOffset now)
    {
        price.Record((long)Math.Min(wei, long.MaxValue), chainId);
        updates.Add(1, chainId);
        updatedAt.Record(now.ToUnixTimeSeconds(), chainId);
    }

    /// <summary>No fresh gas price was there, the default was used.</summary>
    public void GasPriceDefaulted(KeyValuePair<string, object?> chainId) => fallbacks.Add(1, chainId);
}
