using System.Security.Cryptography;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>
/// Waits that double, each shortened by up to a fifth so that many clients of one server do not reconnect at once.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan max)
{
    /// <summary>
    /// How long a connection or subscription must have lasted before the waits begin anew: one that the server accepts
    /// and ends at once has not worked.
    /// </summary>
    public static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(5);

    private int _doublings;

    public void Reset() => _doublings = 0;

    public TimeSpan Next()
    {
        var full = first * Math.Pow(2, _doublings);
        if (full < max) _doublings++;
        return (full < max ? full : max) * (RandomNumberGenerator.GetInt32(800, 1001) / 1000d);
    }
}
