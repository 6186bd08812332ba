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

    [Fact]
    public void Any_number_of_parts_hash_as_the_whole_does_and_nothing_is_allocated()
    {
        var random = new Random(3);
        var data = new byte[2_000];
        random.NextBytes(data);
        var hash = new byte[32];
        var digest = new KeccakDigest(256);
        var expected = new byte[32];
        digest.BlockUpdate(data);
        digest.DoFinal(expected);
        for (var i = 0; i < 200; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var state = default(Keccak256State);
            for (var at = 0; at < data.Length;)
            {
                var size = Math.Min(random.Next(i < 100 ? 20 : 300), data.Length - at);
                state.Append(data.AsSpan(at, size));
                at += size;
            }

            state.Finish(hash);
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
            Assert.Equal(expected, hash);
        }
    }

    [Fact]
    public void A_finished_state_is_reset()
    {
        var state = default(Keccak256State);
        var (first, second) = (new byte[32], new byte[32]);
        state.Append("abc"u8);
        state.Finish(first);
        state.Append("abc"u8);
        state.Finish(second);
        Assert.Equal(first, second);
    }
}
