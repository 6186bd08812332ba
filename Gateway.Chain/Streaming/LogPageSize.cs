using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>How many blocks one query of logs spans: as many as the endpoint allows.</summary>
/// <remarks>
/// <para>
/// Not thread-safe. Any error of a query over several blocks halves the size, down to one block, because endpoints report
/// a range that is too large in many ways: by an error text, by HTTP 5xx, by an answer that is cut off. Only a rate limit
/// and a request that was not sent do not.
/// </para>
/// <para>
/// Eight queries in a row that succeed double it, up to the largest size. After an outage each query doubles it, until
/// one fails.
/// </para>
/// </remarks>
public sealed class LogPageSize
{
    private const int GrowsAfter = 8;
    private readonly ulong _largest;
    private int _successes;
    private bool _growsFast;
    private bool _hasJustGrown;

    /// <summary>Begins with the largest size.</summary>
    /// <param name="largest">The largest size, in blocks. At least 1.</param>
    public LogPageSize(ulong largest)
    {
        _largest = largest;
        Blocks = largest;
    }

    /// <summary>The size of the next query, in blocks. At least 1.</summary>
    public ulong Blocks { get; private set; }

    /// <summary>Records that a query failed.</summary>
    /// <param name="error">The error.</param>
    /// <param name="blocks">How many blocks the query spanned.</param>
    /// <returns>Whether to query fewer blocks now; false when the error has another cause, or one block failed.</returns>
    public bool TryShrink(RpcError error, ulong blocks)
    {
        if (blocks <= 1 || error.IsUnsent || error.Kind == RpcErrorKind.RateLimited) return false;
        // An outage says nothing about sizes that succeeded before.
        _growsFast = !_hasJustGrown && error.Kind != RpcErrorKind.RangeTooLarge;
        Shrink(blocks);
        return true;
    }

    /// <summary>Records that a query was cancelled because it took too long: the next one spans fewer blocks.</summary>
    public void Shrink() => Shrink(Blocks);

    /// <summary>Records that a query succeeded.</summary>
    /// <param name="blocks">How many blocks it spanned; fewer than <see cref="Blocks"/> say nothing about this size.</param>
    public void Grow(ulong blocks)
    {
        if (blocks < Blocks) return;
        _hasJustGrown = false;
        if (Blocks >= _largest || (++_successes < GrowsAfter && !_growsFast)) return;
        Blocks = Math.Min(_largest, Blocks * 2);
        _successes = 0;
        _hasJustGrown = true;
    }

    private void Shrink(ulong blocks)
    {
        Blocks = Math.Max(1, blocks / 2);
        _successes = 0;
        _hasJustGrown = false;
    }
}
