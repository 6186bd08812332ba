using System.Text;
using Xmtp.Gateway.Chain.Rlp;

namespace Xmtp.Gateway.Tests.Chain;

public class RlpTests
{
    [Fact]
    public void The_specifications_examples_encode_as_printed()
    {
        Assert.Equal("c88363617483646f67", Hex(new RlpWriter().Bytes("cat"u8).Bytes("dog"u8)));
        Assert.Equal("c0", Hex(new RlpWriter()));
        Assert.Equal("c180", Hex(new RlpWriter().Bytes([])));
        Assert.Equal("c180", Hex(new RlpWriter().Number(0)));
        Assert.Equal("c10f", Hex(new RlpWriter().Number(15)));
        Assert.Equal("c3820400", Hex(new RlpWriter().Number(1024)));
        Assert.Equal("c1c0", Hex(new RlpWriter().EmptyList()));
        Assert.Equal(
            "f83ab838" + Convert.ToHexStringLower(Encoding.ASCII.GetBytes("Lorem ipsum dolor sit amet, consectetur adipisicing elit")),
            Hex(new RlpWriter().Bytes("Lorem ipsum dolor sit amet, consectetur adipisicing elit"u8)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65536)]
    public void Bytes_of_any_length_come_back(int length)
    {
        var value = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();

        var reader = RlpReader.OfList(new RlpWriter().Bytes(value).Number(UInt128.MaxValue).ToArray());

        Assert.Equal(value, reader.Bytes().ToArray());
        Assert.Equal(UInt128.MaxValue, reader.Number());
        Assert.True(reader.IsAtEnd);
    }

    [Theory]
    [InlineData("c28101")] // a single byte with a length
    [InlineData("c3820001")] // a number with a leading zero
    [InlineData("c2b801")] // cut off
    [InlineData("f80180")] // a long form for a short list
    [InlineData("c4b8010101")] // a long form for a short item
    [InlineData("c0c0")] // two lists
    [InlineData("bfffffffffffffffff")] // a length of 2^64-1
    [InlineData("fbffffffff")] // a length of 2^32-1
    [InlineData("")]
    public void Anything_but_the_one_right_form_is_refused(string hex) => Assert.Throws<RlpException>(() =>
    {
        var reader = RlpReader.OfList(Convert.FromHexString(hex));
        while (!reader.IsAtEnd) reader.Number();
    });

    private static string Hex(RlpWriter writer) => Convert.ToHexStringLower(writer.ToArray());
}
