using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Idempotency;

/// <summary>The settings of repeated publishes.</summary>
internal sealed class IdempotencySettings : SettingGroup<IdempotencyOptions>
{
    /// <summary>Creates the settings.</summary>
    public IdempotencySettings()
        : base("Repeated publishes", "Xmtp:Idempotency")
    {
        Add("idempotency.window", "XMTPD_IDEMPOTENCY_WINDOW", "Window", SettingTypes.Age, (o, v) => o.Window = v, "10m",
            "how long the same envelope of the same client gets its first answer and is not paid for again; 0 turns it off");
        Add("idempotency.capacity", "XMTPD_IDEMPOTENCY_CAPACITY", "Capacity", SettingTypes.Positive, (o, v) => o.Capacity = v, "200000",
            "max answers that one process remembers, at about 300 bytes each");
        Add("idempotency.max-marks", "XMTPD_IDEMPOTENCY_MAX_MARKS", "MaxMarks", SettingTypes.Positive, (o, v) => o.MaxMarks = v, null,
            "max published envelopes that one process without Redis remembers beyond these, without their answers, at about 50 bytes " +
            "each; then publishes are UNAVAILABLE. An eighth of the memory without it");
    }
}
