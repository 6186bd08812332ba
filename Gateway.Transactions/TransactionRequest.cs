using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions;

/// <summary>A call that is to become a mined transaction.</summary>
/// <param name="To">The contract.</param>
/// <param name="Data">The selector and its arguments.</param>
/// <param name="PayloadType">What metrics call it, such as <c>group_message</c>.</param>
public sealed record TransactionRequest(EthereumAddress To, ReadOnlyMemory<byte> Data, string PayloadType)
{
    /// <summary>Names the payload for whoever takes the transaction over from a process that is gone; not sent. Null for no name.</summary>
    public Bytes32? PayloadKey { get; init; }

    /// <summary>
    /// Asked when the transaction is stored and about to be sent for the first time: false keeps it from being sent.
    /// Null for always.
    /// </summary>
    internal Func<bool>? MayBeSent { get; init; }
}
