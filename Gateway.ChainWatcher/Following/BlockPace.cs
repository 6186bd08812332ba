namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>How often a chain makes a block, by the heights and times of the heads that were read.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class BlockPace
{
    private readonly Lock _gate = new();
    private Head? _first;
    private Head? _last;

    /// <summary>Reports a head.</summary>
    /// <param name="number">Its height. A lower one than the first begins anew.</param>
    /// <param name="time">Its time, in Unix seconds.</param>
    public void Observe(ulong number, ulong time)
    {
        var head = new Head(number, time);
        lock (_gate)
        {
            if (_first is null || number < _first.Number) _first = head;
            _last = head;
        }
    }

    /// <summary>How many blocks the chain makes in this time; 0 while fewer than two heads of different times are known.</summary>
    public ulong BlocksIn(TimeSpan time)
    {
        lock (_gate)
        {
            return _first is { } first && _last is { } last && last.Number > first.Number && last.Time > first.Time
                ? (ulong)(time.TotalSeconds * (last.Number - first.Number) / (last.Time - first.Time))
                : 0;
        }
    }

    private sealed record Head(ulong Number, ulong Time);
}
