using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>The keys that send a payer's transactions in its place; at least one.</summary>
/// <param name="All">The signers, in the order of the payers file.</param>
internal sealed record SenderSigners(IReadOnlyList<ISigner> All);
