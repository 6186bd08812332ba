using Xmtp.Gateway.Protocol.Mls;

namespace Xmtp.Gateway.Tests.Protocol;

public class MlsFramingTests
{
    // Frames written by hand from RFC 9420, section 6: version, format, group id, epoch, (sender, data,) content type.
    [Theory]
    [InlineData("0001 0002 02 aabb 0000000000000005 01", MlsContentType.Application)]
    [InlineData("0001 0002 00 0000000000000005 03", MlsContentType.Commit)]
    [InlineData("0001 0001 02 aabb 0000000000000005 01 00000002 00 02", MlsContentType.Proposal)]
    [InlineData("0001 0001 02 aabb 0000000000000005 02 00000002 01 ff 03", MlsContentType.Commit)]
    [InlineData("0001 0001 02 aabb 0000000000000005 03 00 01", MlsContentType.Application)]
    [InlineData("0001 0001 02 aabb 0000000000000005 04 00 03", MlsContentType.Commit)]
    public void The_content_type_is_found(string hex, MlsContentType type)
    {
        Assert.Null(MlsFraming.ReadContentType(Bytes(hex), out var read));
        Assert.Equal(type, read);
    }

    [Fact]
    public void Two_and_four_byte_lengths_are_read()
    {
        Assert.Null(MlsFraming.ReadContentType([0, 1, 0, 2, 0x40, 100, .. new byte[100 + 8], 3], out var two));
        Assert.Equal(MlsContentType.Commit, two);
        Assert.Null(MlsFraming.ReadContentType([0, 1, 0, 2, 0x80, 0, 0x40, 0, .. new byte[0x4000 + 8], 2], out var four));
        Assert.Equal(MlsContentType.Proposal, four);
    }

    [Theory]
    [InlineData("", "version is missing")]
    [InlineData("0002 0002 00 0000000000000005 01", "version is not 1")]
    [InlineData("0001", "wire format is missing")]
    [InlineData("0001 0003 00 0000000000000005 01", "neither public")]
    [InlineData("0001 0002 c0 0000000000000005 01", "group id")]
    [InlineData("0001 0002 bfffffff 0000000000000005 01", "group id")]
    [InlineData("0001 0002 4001 00 0000000000000005 01", "group id")]
    [InlineData("0001 0002 00 00000000", "epoch")]
    [InlineData("0001 0001 00 0000000000000005 05 00 01", "sender")]
    [InlineData("0001 0001 00 0000000000000005 01 0000", "sender")]
    [InlineData("0001 0001 00 0000000000000005 03 09 01", "authenticated data")]
    [InlineData("0001 0002 00 0000000000000005", "content type is missing")]
    [InlineData("0001 0002 00 0000000000000005 00", "content type is none")]
    [InlineData("0001 0002 00 0000000000000005 04", "content type is none")]
    public void The_part_that_is_broken_is_named(string hex, string part) =>
        Assert.Contains(part, MlsFraming.ReadContentType(Bytes(hex), out _), StringComparison.Ordinal);

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
