using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.InFlight;

/// <summary>An account that had a transaction in flight lately.</summary>
/// <param name="Address">The account.</param>
/// <param name="At">When it was entered, in seconds of the store's clock.</param>
/// <param name="Age">How long ago that is, by the store's clock.</param>
internal sealed record AccountInFlight(EthereumAddress Address, long At, TimeSpan Age);
