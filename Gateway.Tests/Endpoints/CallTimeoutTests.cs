using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Calls;

namespace Xmtp.Gateway.Tests.Endpoints;

public class CallTimeoutTests
{
    [Theory]
    [InlineData("1500m", true)]
    [InlineData("1500\0m", false)]
    [InlineData("15\0\0m", false)]
    [InlineData("\0m", false)]
    public void The_number_of_a_grpc_timeout_is_nothing_but_digits(string text, bool isTimeout) =>
        Assert.Equal(isTimeout, CallTimeout.OfGrpc(new HeaderDictionary { ["grpc-timeout"] = text }, TimeProvider.System) is not null);

    [Theory]
    [InlineData("1500", true)]
    [InlineData("1500\0", false)]
    [InlineData("1\0\0", false)]
    public void A_connect_timeout_is_nothing_but_digits(string text, bool isTimeout) =>
        Assert.Equal(
            isTimeout, CallTimeout.OfConnect(new HeaderDictionary { ["connect-timeout-ms"] = text }, TimeProvider.System) is not null);
}
