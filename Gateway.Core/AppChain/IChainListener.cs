using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.AppChain;

/// <summary>Is told the chain's news, one piece at a time in each stream; must return soon and not throw.</summary>
internal interface IChainListener
{
    /// <summary>New heads are told from here on; some may have been missed.</summary>
    void OnHeads();

    /// <summary>A new head.</summary>
    void OnHead(Block head);

    /// <summary>The contracts' events are told from here on, and some may have been missed; or they are told no more.</summary>
    void OnEvents(bool areTold);

    /// <summary>A contract published an envelope, anyone's; or the chain took it back.</summary>
    void OnPublished(LogEntry log);

    /// <summary>A contract takes other payloads than before: it was paused, goes on, or has other bounds.</summary>
    void OnContractChanged();
}
