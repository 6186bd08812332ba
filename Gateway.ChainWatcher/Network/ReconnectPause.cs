using System.Security.Cryptography;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>
/// Waits that double up to a maximum, each shortened by up to a fifth so that the streams of many nodes are not reopened at
/// once.
/// </summary>
/// <param name="first">The first wait.</param>
/// <param name="max">The max one; at least the first counts.</param>
internal sealed class ReconnectPause(TimeSpan first, TimeSpan max)
{
    private TimeSpan? _next;

    /// <summary>The longest wait.</summary>
    public TimeSpan Max => max > first ? max : first;

    /// <summary>Begins with the first wait again.</summary>
    public void Reset() => _next = null;

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        var full = _next ?? first;
        _next = full * 2 < Max ? full * 2 : Max;
        return full * (RandomNumberGenerator.GetInt32(800, 1001) / 1000d);
    }
}
