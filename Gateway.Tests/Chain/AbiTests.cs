using System.Numerics;
using Xmtp.Gateway.Chain.Abi;

namespace Xmtp.Gateway.Tests.Chain;

public class AbiTests
{
    private const string Zeros = "000000000000000000000000000000000000000000000000000000000000";

    [Fact]
    public void The_specifications_example_of_static_arguments_encodes_as_printed() // baz(uint32,bool) with 69 and true
    {
        var data = new AbiWriter().UInt(69).Bool(true).ToArray(AbiSignature.Selector("baz(uint32,bool)"));

        Assert.Equal($"cdcd77c0{Zeros}0045{Zeros}0001", Convert.ToHexStringLower(data));
    }

    [Fact]
    public void The_specifications_example_of_dynamic_arguments_encodes_as_printed() // sam(bytes,bool,uint256[]) with "dave", true, [1,2,3]
    {
        var data = new AbiWriter().Bytes("dave"u8).Bool(true).Array([1, 2, 3], (writer, number) => writer.UInt((uint)number))
            .ToArray(AbiSignature.Selector("sam(bytes,bool,uint256[])"));

        Assert.Equal(
            $"a5643bf2{Zeros}0060{Zeros}0001{Zeros}00a0{Zeros}00046461766500000000000000000000000000000000000000000000000000000000" +
            $"{Zeros}0003{Zeros}0001{Zeros}0002{Zeros}0003",
            Convert.ToHexStringLower(data));
    }

    [Fact]
    public void The_specifications_example_of_mixed_arguments_encodes_as_printed() // f(uint256,uint32[],bytes10,bytes)
    {
        var data = new AbiWriter()
            .UInt(0x123)
            .Array([0x456u, 0x789u], (writer, number) => writer.UInt(number))
            .FixedBytes("1234567890"u8)
            .Bytes("Hello, world!"u8)
                .ToArray(AbiSignature.Selector("f(uint256,uint32[],bytes10,bytes)"));

        Assert.Equal(
            $"8be65246{Zeros}0123{Zeros}0080"
            + "3132333435363738393000000000000000000000000000000000000000000000"
            + $"{Zeros}00e0{Zeros}0002{Zeros}0456{Zeros}0789{Zeros}000d48656c6c6f2c20776f726c642100000000000000000000000000000000000000",
            Convert.ToHexStringLower(data));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("10141204801825835211973625643007")] // the largest int104
    [InlineData("-10141204801825835211973625643008")] // the smallest
    public void A_signed_number_of_104_bits_comes_back(string number)
    {
        var value = BigInteger.Parse(number, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(value, new AbiReader(new AbiWriter().Int(value).ToArray()).Int(104));
    }

    [Theory]
    [InlineData("10141204801825835211973625643008")]
    [InlineData("-10141204801825835211973625643009")]
    public void A_signed_number_that_does_not_fit_is_refused(string number)
    {
        var value = BigInteger.Parse(number, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Throws<AbiException>(() => new AbiReader(new AbiWriter().Int(value).ToArray()).Int(104));
    }

    [Fact]
    public void The_largest_unsigned_number_comes_back()
    {
        var value = BigInteger.Pow(2, 256) - 1;

        Assert.Equal(value, new AbiReader(new AbiWriter().Int(value).ToArray()).UInt(256));
        Assert.Throws<OverflowException>(() => new AbiWriter().Int(value + 1));
    }

    [Fact]
    public void An_array_of_tuples_with_dynamic_members_comes_back()
    {
        (uint Id, string Text)[] items = [(1, "one"), (2, new string('x', 100)), (3, string.Empty)];
        var data = new AbiWriter()
            .Array(items, (writer, item) => writer.DynamicTuple(tuple => tuple.UInt(item.Id).String(item.Text)))
            .Bool(true)
            .ToArray();

        var reader = new AbiReader(data);
        var back = reader.Array(element =>
        {
            var tuple = element.DynamicTuple();
            return (tuple.UInt32(), tuple.String());
        });

        Assert.Equal(items, back);
        Assert.True(reader.Bool());
    }

    [Theory]
    [InlineData("uint32", "0000000000000000000000000000000000000000000000000000000100000000")]
    [InlineData("bool", "0000000000000000000000000000000000000000000000000000000000000002")]
    [InlineData("address", "0000000000000000000000010000000000000000000000000000000000000000")]
    [InlineData("bytes16", "0000000000000000000000000000000001000000000000000000000000000000")]
    [InlineData("word", "00")]
    public void A_word_that_does_not_fit_its_type_is_refused(string type, string word)
    {
        var reader = new AbiReader(Convert.FromHexString(word));

        Assert.Throws<AbiException>(() => type switch
        {
            "uint32" => (object)reader.UInt32(),
            "bool" => reader.Bool(),
            "address" => reader.Address(),
            "bytes16" => reader.FixedBytes(16),
            _ => reader.Bytes32(),
        });
    }

    [Theory]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")] // an offset beyond any memory
    [InlineData("000000000000000000000000000000000000000000000000000000007fffffff")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000040")] // at the end: no room for a length
    [InlineData("0000000000000000000000000000000000000000000000000000000000000020")] // a length beyond what is left
    public void A_length_that_is_not_there_is_refused_before_anything_is_allocated(string offset)
    {
        var data = Convert.FromHexString(offset + "000000000000000000000000000000000000000000000000000000007fffffff");

        Assert.Throws<AbiException>(() => new AbiReader(data).Bytes());
        Assert.Throws<AbiException>(() => new AbiReader(data).Array(element => element.UInt64()));
    }

    [Fact]
    public void A_small_input_cannot_describe_a_large_value_by_pointing_at_one_place_many_times()
    {
        // 1,000 elements that all point at one text of 32,000 bytes.
        var element = new AbiWriter().String(new string('x', 32_000)).ToArray()[32..];
        var head = new AbiWriter();
        for (var i = 0; i < 1000; i++) head.UInt(32_000);
        byte[] data = [.. new AbiWriter().UInt(32).UInt(1000).ToArray(), .. head.ToArray(), .. element];

        Assert.Throws<AbiException>(() => new AbiReader(data).Array(item => item.String()));
    }

    [Fact]
    public void Broken_bytes_end_in_a_refusal_and_nothing_else()
    {
        var random = new Random(20260707);
        var good = new AbiWriter()
            .Array(
                [1u, 2u, 3u],
                (writer, id) => writer.DynamicTuple(
                    tuple => tuple.UInt(id).DynamicTuple(node => node.Bool(true).Bytes(new byte[65]).String("http://a"))))
            .ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var bad = good.ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            var cut = bad.AsMemory(0, random.Next(4) == 0 ? random.Next(bad.Length) : bad.Length);
            Assert.True(ReadsOrRefuses(cut));
        }
    }

    private static bool ReadsOrRefuses(ReadOnlyMemory<byte> data)
    {
        try
        {
            new AbiReader(data).Array(element =>
            {
                var outer = element.DynamicTuple();
                var (id, node) = (outer.UInt32(), outer.DynamicTuple());
                return (id, node.Bool(), node.Bytes(), node.String());
            });
        }
        catch (AbiException)
        {
            return true;
        }

        return true;
    }
}
