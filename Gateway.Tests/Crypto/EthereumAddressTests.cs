using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Crypto;

public class EthereumAddressTests
{
    // The examples of EIP-55.
    [Theory]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")]
    [InlineData("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB")]
    [InlineData("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb")]
    public void The_checksum_is_written_and_checked(string text)
    {
        Assert.Equal(text, EthereumAddress.Parse(text).ToString());
        Assert.Equal(text, EthereumAddress.Parse(text.ToLowerInvariant()).ToString());
        Assert.Equal(EthereumAddress.Parse(text), EthereumAddress.Parse(text[2..].ToUpperInvariant()));
        var swapped = string.Concat(
            text.Select((c, i) => i > 1 ? (char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)) : c));
        Assert.False(EthereumAddress.TryParse(swapped, out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed00")]
    [InlineData("0xzzAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    public void An_invalid_address_is_refused(string? text) => Assert.False(EthereumAddress.TryParse(text, out _));
}
