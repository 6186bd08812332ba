namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>How a chain's logs are followed.</summary>
public sealed record LogFollowerOptions
{
    /// <summary>
    /// How many blocks one query spans at most. At least 1; default 500. It shrinks when the endpoint refuses, and
    /// grows back.
    /// </summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// Where everything begins: where the contracts were deployed. Read again from there when nothing that is
    /// remembered holds.
    /// </summary>
    public ulong FirstBlock { get; init; }

    /// <summary>How many blocks below the head may still be undone. At least 1; default 256. Going back further starts over.</summary>
    public int Depth { get; init; } = 256;

    /// <summary>How often the head is asked for while a subscription brings the news. More than zero; default 5 s.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often it is asked for without a subscription. More than zero; default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a subscription may keep back what the chain has, before the connection is made anew. More than zero;
    /// default 20 s.
    /// </summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How often the newest blocks are read once more, for what an endpoint that lagged did not show; twice after the
    /// last new one. More than zero; default 15 s.
    /// </summary>
    public TimeSpan SecondReadingInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long one request may take. More than zero; default 30 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait before the first new try after an error; it doubles up to 10 s. Default 250 ms.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(250);
}
