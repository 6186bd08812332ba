using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions;

/// <summary>Which contract's event shows that a payload was published.</summary>
internal static class EventSource
{
    /// <summary>The called contract; null for a plain transfer, which has no event: its receipt alone shows its result.</summary>
    internal static EthereumAddress? Of(UnsignedTransaction payload) => payload.Data.IsEmpty ? null : payload.To;
}
