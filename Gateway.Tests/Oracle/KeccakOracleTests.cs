using CsCheck;
using Nethereum.Util;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Oracle;

public class KeccakOracleTests
{
    [Fact]
    public Task Hashes_are_those_of_Nethereum() =>
        Generated.AgreeAsync(
            Gen.Byte.Array[0, 600], Cases.Hashes, data => Assert.Equal(new Sha3Keccack().CalculateHash(data), Keccak256.Hash(data)));
}
