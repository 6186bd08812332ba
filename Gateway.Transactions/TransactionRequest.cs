using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions;

/// <summary>A call to publish as a transaction.</summary>
/// <param name="To">The contract.</param>
/// <param name="Data">The selector and its arguments.</param>
/// <param name="PayloadType">Its name in metrics, such as <c>publish_group_message</c>.</param>
internal sealed record TransactionRequest(EthereumAddress To, ReadOnlyMemory<byte> Data, string PayloadType)
{
    /// <summary>
    /// The native value sent along. A request with a value and without <see cref="Data"/> is a plain transfer, which has no event.
    /// </summary>
    internal Wei Value { get; init; }

    /// <summary>
    /// The payload's key, for a process that takes over the transaction from a lost one; not sent. Null for none.
    /// </summary>
    public Bytes32? PayloadKey { get; init; }

    /// <summary>
    /// Called when the transaction is stored and about to be sent for the first time: false prevents the send.
    /// Null for always true.
    /// </summary>
    internal Func<bool>? MayBeSent { get; init; }
}
