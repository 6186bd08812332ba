using Nethereum.RLP;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;

namespace Xmtp.Gateway.Tests.Chain;

public class SignedTransactionReaderTests
{
    private const int NonceField = 1;
    private const int AccessListField = 8;

    [Fact]
    public void The_fields_as_they_were_written_are_read() => Assert.True(Reads(_ => { }));

    [Theory]
    [InlineData("8107")] // a single byte with a length
    [InlineData("820007")] // a number with a leading zero
    [InlineData("b80107")] // a long form for a short item
    [InlineData("b9000107")] // a length with a leading zero
    [InlineData("00")] // a zero that is not empty
    [InlineData("89010000000000000000")] // more than 64 bits
    [InlineData("c0")] // a list
    [InlineData("c107")] // a list with an item
    [InlineData("")] // none
    [InlineData("0707")] // two
    public void A_nonce_in_any_but_the_one_right_form_is_refused(string nonce) =>
        Assert.False(Reads(fields => fields[NonceField] = Convert.FromHexString(nonce)));

    [Theory]
    [InlineData("80")] // no list
    [InlineData("c180")] // a list with an item
    [InlineData("f800")] // a long form for a short list
    public void Any_access_list_but_the_empty_one_is_refused(string list) =>
        Assert.False(Reads(fields => fields[AccessListField] = Convert.FromHexString(list)));

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("02c0")]
    [InlineData("02c0c0")] // two lists
    [InlineData("02c2b801")] // cut off
    [InlineData("02f80180")] // a long form for a short list
    [InlineData("02fbffffffff")] // a length of 2^32-1
    [InlineData("02ffffffffffffffffff")] // a length of 2^64-1
    [InlineData("02c9bfffffffffffffffff")] // the same of an item
    [InlineData("02c5bb7fffffff")] // an item of 2 GB that is not there
    [InlineData("bfffffffffffffffff")]
    public void Lengths_that_are_not_there_are_refused_before_anything_is_allocated(string raw) =>
        Assert.False(SignedTransactionReader.TryRead(Convert.FromHexString(raw), out _));

    [Fact]
    public void Lists_within_lists_of_any_depth_are_refused()
    {
        // A decoder that calls itself for each of them ends the process.
        var headers = new List<byte[]>();
        for (var length = 0; headers.Count < 100_000; length += headers[^1].Length)
            headers.Add(length <= 55 ? [(byte)(0xc0 + length)] : [0xfa, (byte)(length >> 16), (byte)(length >> 8), (byte)length]);
        byte[] nested = [.. Enumerable.Reverse(headers).SelectMany(header => header)];

        Assert.False(SignedTransactionReader.TryRead(nested, out _));
        Assert.False(SignedTransactionReader.TryRead((byte[])[2, .. nested], out _));
    }

    private static bool Reads(Action<byte[][]> change)
    {
        var transaction = new FeeMarketTransaction
        {
            ChainId = 31337,
            Nonce = 7,
            MaxFeePerGas = Wei.FromGwei(10),
            MaxPriorityFeePerGas = Wei.FromGwei(1),
            GasLimit = 21000,
            To = DevAccounts.Signer(1).Address,
            Data = new byte[70],
        };
        var signature = new byte[65];
        DevAccounts.Signer(0).Sign(transaction.SigningHash(), signature);
        var raw = transaction.Seal(DevAccounts.Signer(0).Address, signature).Raw;

        var fields = ((RLPCollection)RLP.Decode(raw[1..].ToArray())).Select(
            field => field is RLPItem item ? RLP.EncodeElement(item.RLPData) : RLP.EncodeList()).ToArray();
        change(fields);
        return SignedTransactionReader.TryRead((byte[])[2, .. RLP.EncodeList(fields)], out _);
    }
}
