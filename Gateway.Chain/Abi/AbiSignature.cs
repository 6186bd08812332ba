using System.Text;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Abi;

/// <summary>Selectors and topics of functions, errors and events: hashes of their signatures.</summary>
/// <remarks>A signature is the name and the plain types without blanks, tuples in parentheses: <c>getRates(uint256,uint256)</c>.</remarks>
public static class AbiSignature
{
    /// <summary>The first 4 bytes of the hash: the prefix of a call's arguments and of a revert's data.</summary>
    public static byte[] Selector(string signature) => Keccak256.Hash(Encoding.ASCII.GetBytes(signature))[..4];

    /// <summary>The whole hash: the first topic of an event.</summary>
    public static Bytes32 Topic(string signature) => new(Keccak256.Hash(Encoding.ASCII.GetBytes(signature)));
}
