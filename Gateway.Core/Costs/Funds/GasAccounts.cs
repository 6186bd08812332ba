using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>The accounts that pay for the gas of a payer, where it is not the payer itself; at least one.</summary>
/// <param name="All">Their addresses.</param>
internal sealed record GasAccounts(IReadOnlyList<EthereumAddress> All);
