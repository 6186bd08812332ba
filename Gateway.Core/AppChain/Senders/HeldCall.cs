using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>A call of this process that is entered.</summary>
/// <param name="topic">The topic, as the store names it.</param>
/// <param name="sender">Its sender.</param>
/// <param name="id">Its id.</param>
/// <param name="sureSince">The timestamp before which the store began its lease.</param>
internal sealed class HeldCall(string topic, EthereumAddress sender, string id, long sureSince)
{
    private long _sureSince = sureSince;
    private volatile bool _isLost;

    internal string Topic => topic;

    internal EthereumAddress Sender => sender;

    internal string Id => id;

    /// <summary>Whether its entry is gone.</summary>
    internal bool IsLost => _isLost;

    /// <summary>Whether its lease has certainly not ended.</summary>
    internal bool IsSure(TimeProvider time, TimeSpan lease) =>
        !_isLost && time.GetElapsedTime(Interlocked.Read(ref _sureSince)) < lease * 3 / 4;

    internal void MarkRenewed(long since) => Interlocked.Exchange(ref _sureSince, since);

    internal void MarkLost() => _isLost = true;
}
