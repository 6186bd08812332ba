using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Wallet;

/// <summary>A call of a contract that takes tokens of the wallet.</summary>
/// <param name="Name">What it does, such as <c>deposit</c>.</param>
/// <param name="Contract">The contract, which must be approved for the tokens.</param>
/// <param name="ContractName">Its name in messages.</param>
/// <param name="Token">The tokens that it takes.</param>
/// <param name="Function">The function.</param>
/// <param name="WithPermit">The function that takes a permit as well.</param>
/// <param name="Arguments">Writes the arguments that both have.</param>
/// <param name="Amount">How many tokens it takes.</param>
internal sealed record TokenCall(
    string Name,
    EthereumAddress Contract,
    string ContractName,
    TokenContract Token,
    ContractFunction Function,
    ContractFunction WithPermit,
    Func<AbiWriter> Arguments,
    Microdollars Amount);
