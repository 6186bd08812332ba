using Grpc.Core;
using Xmtp.Gateway.Tests.Deployment;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Integration;

/// <summary>
/// The requests that the original's gateway (822ddc95) and this one were sent side by side: what the original answered was seen,
/// what this one answers is asked of it, and each difference is a row of docs/parity.md.
/// </summary>
public sealed class OriginalAnswersTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private const StatusCode Ok = StatusCode.OK;
    private const StatusCode Invalid = StatusCode.InvalidArgument;
    private const StatusCode Internal = StatusCode.Internal;
    private const StatusCode Unknown = StatusCode.Unknown;
    private const StatusCode Exhausted = StatusCode.ResourceExhausted;
    private const StatusCode Unimplemented = StatusCode.Unimplemented;
    private const StatusCode TooLate = StatusCode.DeadlineExceeded;

    // Where both are the same, the answer is given once. Elsewhere the words begin a row of docs/parity.md.
    public static TheoryData<string, StatusCode, StatusCode, string?> Answers => new()
    {
        { "zero envelopes", Ok, Invalid, "no envelope" },
        { "one app message", Ok, Ok, null },
        { "50 app messages", Ok, Ok, null },
        { "51 app messages", Ok, Ok, null },
        { "101 app messages", Ok, Ok, null },
        { "1001 app messages", Ok, Ok, null },
        { "nil envelope (empty bytes)", Invalid, Invalid, null },
        { "good + nil envelope", Invalid, Invalid, null },
        { "aad missing", Invalid, Invalid, null },
        { "aad without topic", Invalid, Invalid, null },
        { "topic one byte", Invalid, Invalid, null },
        { "unknown topic kind 9", Invalid, Invalid, null },
        { "unknown topic kind 255", Invalid, Invalid, null },
        { "group payload on welcome topic", Invalid, Invalid, null },
        { "welcome payload on group topic", Invalid, Invalid, null },
        { "identity payload on group topic", Invalid, Invalid, null },
        { "group payload on reserved topic 4", Invalid, Invalid, null },
        { "payload missing", Invalid, Invalid, null },
        { "payer report", Internal, Invalid, "payer reports and attestations (kinds 4, 5)" },
        { "payer report attestation", Internal, Invalid, "payer reports and attestations (kinds 4, 5)" },
        { "welcome", Ok, Ok, null },
        { "key package", Ok, Ok, null },
        { "welcome without version", Ok, Ok, null },
        { "identity update", Ok, Ok, null },
        { "identity update, inbox id 31 bytes", Internal, Invalid, "group id not 16 bytes, inbox id not 32" },
        { "identity update empty message (below contract min)", Internal, Invalid, "paused contract, its size bounds" },
        { "identity update, inbox id text differs from topic", Ok, Ok, null },
        { "commit", Ok, Ok, null },
        { "proposal", Ok, Ok, null },
        { "commit, group id 3 bytes", Internal, Invalid, "group id not 16 bytes, inbox id not 32" },
        { "app message, group id 3 bytes", Ok, Ok, null },
        { "app message + commit with 3-byte id", Internal, Invalid, "group id not 16 bytes, inbox id not 32" },
        { "mixed: commit, app, identity, welcome, keypkg, proposal", Ok, Ok, null },
        { "mixed: app first, reverse order", Ok, Ok, null },
        { "two commits same group in one batch", Ok, Ok, null },
        { "group data empty", Invalid, Invalid, null },
        { "group without v1", Invalid, Invalid, null },
        { "mls version 2", Invalid, Invalid, null },
        { "mls wire format welcome(3)", Invalid, Invalid, null },
        { "mls private content type 0", Internal, Invalid, "MLS private message of an unknown content type" },
        { "mls private content type 7", Internal, Invalid, "MLS private message of an unknown content type" },
        { "mls truncated", Invalid, Invalid, null },
        { "mls random bytes", Invalid, Invalid, null },
        { "mls public app (member sender)", Ok, Ok, null },
        { "mls public proposal, external sender", Ok, Ok, null },
        { "mls public commit, new member (4)", Ok, Ok, null },
        { "mls public, sender type 9", Invalid, Invalid, null },
        { "mls group id differs from topic", Ok, Ok, null },
        { "mls group id 2-byte length prefix", Internal, Invalid, "MLS private message of an unknown content type" },
        { "depends_on set", Internal, Invalid, "a node's refusal of the request" },
        { "should_push + hmac", Ok, Ok, null },
        { "unknown field 99 in envelope", Ok, Ok, null },
        { "fields in reverse order", Ok, Ok, null },
        { "aad and payload given twice", Ok, Invalid, "aad, topic, payload, `v1` or `data` given twice" },
        { "invalid protobuf (truncated)", Invalid, Invalid, null },
        { "invalid protobuf (garbage)", Invalid, Invalid, null },
        { "invalid utf8 in identity update", Invalid, Invalid, null },
        { "same envelope twice in a batch", Ok, Ok, null },
        { "same request twice", Ok, Ok, null },
        { "same commit twice", Ok, Ok, null },
        { "gzip request", Ok, Ok, null },
        { "GatewayApi service publish", Ok, Ok, null },
        { "GetNodes PayerApi", Ok, Ok, null },
        { "GetNodes GatewayApi", Ok, Ok, null },
        { "GetNodes with junk body", Invalid, Invalid, null },
        { "unknown method", Unimplemented, Unimplemented, null },
        { "unknown service", Unimplemented, Unimplemented, null },
        { "QueryApi (not a gateway service)", Unimplemented, Unimplemented, null },
        { "MetadataApi GetVersion", Unimplemented, Unimplemented, null },
        { "PayerApi GetReaderNode", Unimplemented, Unimplemented, null },
        { "deadline 1 ms", TooLate, TooLate, null },
        { "sdk headers", Ok, Ok, null },
        { "60 KB header", Ok, Ok, null },
        { "20 KB header", Ok, Ok, null },
        { "bearer token of nobody", Ok, Ok, null },
        { "identity 199999 bytes", Internal, Ok, "gas limit" },
        { "identity 200000 bytes", Internal, Ok, "gas limit" },
        { "identity 200001 bytes", Unknown, Invalid, "larger than `--contracts.app-chain.max-blockchain-payload-size`" },
        { "commit 200000 bytes", Internal, Ok, "gas limit" },
        { "commit 200001 bytes", Unknown, Invalid, "larger than `--contracts.app-chain.max-blockchain-payload-size`" },
        { "app msg + commit 200001", Unknown, Invalid, "larger than `--contracts.app-chain.max-blockchain-payload-size`" },
        { "app message 1 MiB", Ok, Ok, null },
        { "app message 4 MiB + 1", Ok, Ok, null },
        { "app message 10 MiB", Ok, Ok, null },
        { "app message 24 MiB", Ok, Ok, null },
        { "app message 25 MiB - 200", Ok, Invalid, "an envelope of 25 MiB less 200 bytes" },
        { "app message 26 MiB", Internal, Exhausted, "size of a request" },
        { "batch 2 x 15 MiB", Internal, Exhausted, "size of a request" },
        { "commit below the contract's min", Internal, Invalid, "paused contract, its size bounds" },
        { "identity 100 KB", Ok, Ok, null },

        // The original was seen in front of nodes that took any key package; those of the local network check its framing.
        { "key package empty", Ok, Invalid, "a node's refusal of the request" },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Answers))]
    public async Task A_request_gets_the_original_s_status_or_the_difference_is_stated(
        string name, StatusCode original, StatusCode here, string? row)
    {
        Assert.Equal(original == here, row is null);
        if (row is not null) Assert.Contains($"\n| {row}", DeploymentFiles.Read("docs/parity.md"), StringComparison.Ordinal);
        var request = OriginalRequests.Of(name);
        using var channel = ProtocolClient.Channel(box.Network.Gateway);
        for (var time = 0; time < request.Times; time++) Assert.Equal((name, here), (name, await StatusAsync(channel, request)));
    }

    private static async Task<StatusCode> StatusAsync(Grpc.Net.Client.GrpcChannel channel, OriginalRequest request)
    {
        var bytes = Marshallers.Create<byte[]>(body => body, body => body);
        var call = new Method<byte[], byte[]>(MethodType.Unary, request.Service, request.Method, bytes, bytes);
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime + request.Timeout;
        try
        {
            await channel.CreateCallInvoker().AsyncUnaryCall(
                call, null, new CallOptions(request.Headers, deadline, Cancel), request.Body);
            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            return exception.StatusCode;
        }
    }
}
