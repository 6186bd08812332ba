namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>How the chain makes blocks.</summary>
/// <param name="Name">For the table.</param>
/// <param name="BlockTime">Null mines each transaction at once.</param>
internal sealed record Mining(string Name, TimeSpan? BlockTime)
{
    public static Mining AtOnce { get; } = new("at once", null);

    public static Mining EachSecond { get; } = new("each second", TimeSpan.FromSeconds(1));

    /// <summary>The most transactions that one caller can bring into so long a window, for signing them before.</summary>
    public int MaxCalls(TimeSpan window) => BlockTime is { } time ? (int)(window / time) + 3 : (int)(window.TotalSeconds * 1500 / 4) + 100;
}
