namespace Xmtp.Gateway.Idempotency;

/// <summary>How long a repeated publish gets the answer of the first one.</summary>
public sealed class IdempotencyOptions
{
    internal const int DefaultCapacity = 200_000;

    /// <summary>The memory of a mark, in bytes, its bucket included; the default of <see cref="MaxMarks"/> is computed from it.</summary>
    private const int BytesPerMark = 52;

    private const int MinDefaultMarks = 1_000_000;
    private const int MaxDefaultMarks = 20_000_000;

    /// <summary>How long an answer is kept. At least 0, which turns it off; default 10 minutes.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The max number of answers kept in this process, at about 300 bytes each; above it, the oldest are removed
    /// early, and a repetition of their envelopes is ALREADY_PUBLISHED. At least 1; default 200,000. Redis has its own limit.
    /// </summary>
    public int Capacity { get; set; } = DefaultCapacity;

    /// <summary>
    /// The max number of envelopes that a process without Redis remembers as published beyond <see cref="Capacity"/>, at about
    /// 50 bytes each, until the window has passed. Above it publishes are UNAVAILABLE (<c>NOT_REMEMBERED</c>). At least 1; null,
    /// the default, means an eighth of the memory that the process may use, 1,000,000 to 20,000,000 of them.
    /// </summary>
    public int? MaxMarks { get; set; }

    /// <summary>The effective max number of marks.</summary>
    internal int Marks => MaxMarks ?? (int)Math.Clamp(
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8 / BytesPerMark, MinDefaultMarks, MaxDefaultMarks);

    /// <summary>
    /// How long a claim in Redis outlives a lost process; longer than the takeover of its nonces takes
    /// (<c>AppChain/LeaseRelation</c>), so that a resend waits for the transaction that process sent. More than zero;
    /// default 30 s.
    /// </summary>
    internal TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The interval at which every claim in Redis is renewed, whatever its age: a lost process leaves its claims for at
    /// least the lease minus this interval. A fifteenth of the lease.
    /// </summary>
    internal TimeSpan Renewal => Lease / 15;

    /// <summary>The timeout of a call to Redis, and the pause in calls after one failed. More than zero; default 1 s.</summary>
    internal TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The max total time that an envelope for the App Chain waits for Redis to answer whether it was published, apart
    /// from the caller's deadline. More than zero; a gateway sets <c>--limits.store-timeout</c>.
    /// </summary>
    internal TimeSpan StoreWaitTimeout { get; set; } = TimeSpan.MaxValue;
}
