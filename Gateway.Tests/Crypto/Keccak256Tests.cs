using System.Text;
using Org.BouncyCastle.Crypto.Digests;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Crypto;

public class Keccak256Tests
{
    [Theory]
    [InlineData("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData("Transfer(address,address,uint256)", "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")]
    public void It_hashes_as_Ethereum_does(string text, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(Keccak256.Hash(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void Every_length_around_the_block_agrees_with_the_library_however_it_is_split()
    {
        var random = new Random(1);
        var ours = new byte[32];
        var theirs = new byte[32];
        for (var length = 0; length <= 3 * 136 + 1; length++)
        {
            var data = new byte[length];
            random.NextBytes(data);
            var digest = new KeccakDigest(256);
            digest.BlockUpdate(data);
            digest.DoFinal(theirs);

            var split = random.Next(length + 1);
            Keccak256.Hash(data.AsSpan(0, split), data.AsSpan(split), ours);
            Assert.Equal(theirs, ours);
            Assert.Equal(theirs, Keccak256.Hash(data));
        }
    }
}
