namespace Xmtp.Gateway.Idempotency;

/// <summary>For how long a publish that is repeated gets the first one's answer.</summary>
public sealed class IdempotencyOptions
{
    internal const int DefaultCapacity = 200_000;

    /// <summary>How long an answer is remembered. At least 0, which turns it off; default 10 minutes.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How many answers this process remembers, at about 450 bytes each; beyond, the oldest go before their time. At
    /// least 1; default 200,000. Redis has its own bound.
    /// </summary>
    public int Capacity { get; set; } = DefaultCapacity;

    /// <summary>
    /// How long a claim in Redis outlives a process that is gone; longer than until its nonces are taken over
    /// (<c>AppChain/LeaseRelation</c>), so that a resend waits for the transaction that process sent. More than zero;
    /// 30 s.
    /// </summary>
    internal TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often every claim in Redis is renewed, whatever its age: a process that is gone leaves claims of at least
    /// the lease without this. A fifteenth of the lease.
    /// </summary>
    internal TimeSpan Renewal => Lease / 15;

    /// <summary>How long Redis is waited for, and then left alone after it failed. More than zero; 1 s.</summary>
    internal TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long an envelope for the App Chain waits in all for Redis to answer whether it was published, its deadline
    /// apart. More than zero; a gateway sets <c>--limits.store-timeout</c>.
    /// </summary>
    internal TimeSpan StoreWaitTimeout { get; set; } = TimeSpan.MaxValue;
}
