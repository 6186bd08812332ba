using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders.Funding;

/// <summary>
/// The payload key of a transfer to a sender: the nonce store has at most one transaction in doubt for each. It begins with a text that
/// the hash of an envelope does not begin with.
/// </summary>
internal static class FundingKey
{
    private static ReadOnlySpan<byte> Mark => "gas transfer"u8;

    /// <summary>The key of transfers to a sender.</summary>
    internal static Bytes32 Of(EthereumAddress sender) => new([.. Mark, .. sender.Bytes]);

    /// <summary>Whether a key is one of a transfer.</summary>
    internal static bool IsOne(Bytes32 key) => key.ToArray().AsSpan().StartsWith(Mark);
}
