namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>Options of <see cref="LogFollower"/>.</summary>
public sealed record LogFollowerOptions
{
    /// <summary>
    /// The max number of blocks per query. At least 1; default 500. It shrinks when the endpoint refuses, and grows
    /// back.
    /// </summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// The first block of all: where the contracts were deployed. Everything is read again from there when no
    /// remembered block is still in the chain.
    /// </summary>
    public ulong FirstBlock { get; init; }

    /// <summary>
    /// How many blocks below the head may still be undone. At least 1; default 256. A deeper reorganization starts
    /// over.
    /// </summary>
    public int Depth { get; init; } = 256;

    /// <summary>How often the head is polled while a subscription is active. More than zero; default 10 s.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the head is polled without a subscription. More than zero; default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a subscription may fail to deliver what the chain has, before the connection is renewed. It doubles with each
    /// renewal, up to 16 times. More than zero; default 20 s.
    /// </summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How often the newest blocks are read again, for logs that a lagging endpoint did not return; twice after the
    /// last new block. More than zero; default 15 s.
    /// </summary>
    public TimeSpan SecondReadingInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the request for the newest block may take. More than zero; default 10 s.</summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long any other request may take. More than zero; default 30 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait before the first retry after an error; it doubles up to 10 s. Default 250 ms.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(250);
}
