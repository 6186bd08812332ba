using CsCheck;
using Nethereum.Signer;
using Nethereum.Util;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Oracle;

public class AddressOracleTests
{
    [Fact]
    public Task A_key_has_the_address_that_it_has_in_Nethereum() => Generated.AgreeAsync(Generated.PrivateKey, Cases.AddressesOfKeys, key =>
    {
        Assert.True(PrivateKeySigner.TryParse(Convert.ToHexString(key), out var signer));
        Assert.Equal(new EthECKey(key, true).GetPublicAddress(), signer.Address.ToString());
    });

    [Fact]
    public Task An_address_is_written_with_the_checksum_that_Nethereum_gives_it() => Generated.AgreeAsync(
        Gen.Byte.Array[20], Cases.Checksums, bytes =>
        {
            var theirs = AddressUtil.Current.ConvertToChecksumAddress(bytes);
            Assert.Equal(theirs, new EthereumAddress(bytes).ToString());
            Assert.Equal(bytes, EthereumAddress.Parse(theirs).Bytes.ToArray());
        });

    [Fact]
    public Task A_changed_letter_is_refused_where_Nethereum_refuses_it() =>
        Generated.AgreeAsync(Gen.Select(Generated.Address, Gen.Int[2, 41], Gen.Int[0, 41]), Cases.ChangedChecksums, input =>
        {
            var (address, first, second) = input;
            var letters = address.ToCharArray();
            foreach (var at in second < 2 ? [first] : new[] { first, second })
                letters[at] = char.IsUpper(letters[at]) ? char.ToLowerInvariant(letters[at]) : char.ToUpperInvariant(letters[at]);
            var changed = new string(letters);
            var hasBothCases = changed[2..].Any(char.IsUpper) && changed[2..].Any(char.IsLower);

            Assert.Equal(!hasBothCases || AddressUtil.Current.IsChecksumAddress(changed), EthereumAddress.TryParse(changed, out _));
        });
}
