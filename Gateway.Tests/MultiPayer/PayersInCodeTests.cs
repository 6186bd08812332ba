using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.MultiPayer;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A program that selects payers and signs for one of them itself.</summary>
public sealed class PayersInCodeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_selects_the_payer_and_signs_for_one_that_has_no_key_in_the_file()
    {
        using var file = new PayersFileOnDisk().With("app-a", 21, """ "callers": [] """).With("app-b", null, """ "callers": [] """);
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                GatewayArguments = file.Flags,
                ConfigureGateway = gateway => gateway.UsePayerSelector<ByTenant>()
                    .UsePayerSigner("app-b", _ => PayersFileOnDisk.SignerOf(22)),
            },
            Cancel);
        using var client = new ProtocolClient(network.Gateway, Form.Grpc);

        foreach (var (tenant, seed) in new[] { ("app-a", (byte)21), ("app-b", (byte)22) })
        {
            var sent = Envelopes.Welcome(seed);
            var answer = await client.PublishAsync(Envelopes.Request(sent), ("tenant", tenant));
            AssertSigned(network, answer, seed, sent);
        }

        var refused = await client.PublishAsync(Envelopes.Request(Envelopes.Welcome(1)));
        Assert.Equal((StatusCode.PermissionDenied, "name your tenant"), (refused.Code, refused.Message));
        var unknown = await client.PublishAsync(Envelopes.Request(Envelopes.Welcome(1)), ("tenant", "app-x"));
        Assert.Equal(StatusCode.Internal, unknown.Code);
        Assert.DoesNotContain("app-x", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_selects_for_some_callers_and_the_rules_of_the_file_for_the_others()
    {
        var key = PayersFileOnDisk.HashOf("key");
        using var file = new PayersFileOnDisk()
            .With("app-a", 23, $$""" "callers": [{ "header": "x-api-key", "sha256": "{{key}}" }] """)
            .With("app-b", 24, """ "callers": [] """);
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions { GatewayArguments = file.Flags, ConfigureGateway = gateway => gateway.UsePayerSelector<TenantOrRules>() },
            Cancel);
        using var client = new ProtocolClient(network.Gateway, Form.Grpc);

        foreach (var (header, seed) in new[] { (("x-api-key", "key"), (byte)23), (("tenant", "app-b"), (byte)24) })
        {
            var sent = Envelopes.Welcome(seed);
            AssertSigned(network, await client.PublishAsync(Envelopes.Request(sent), header), seed, sent);
        }

        var none = await client.PublishAsync(Envelopes.Request(Envelopes.Welcome(1)), ("x-api-key", "another"));
        Assert.Equal((StatusCode.PermissionDenied, "the caller belongs to no payer of this gateway"), (none.Code, none.Message));
    }

    private static void AssertSigned(DevNetwork network, Answer answer, byte seed, ClientEnvelope sent) =>
        OriginatorProof.CheckAnswer(network, answer, PayersFileOnDisk.SignerOf(seed).Address, sent);

    private sealed class TenantOrRules : IPayerSelector
    {
        public ValueTask<PayerSelection> SelectAsync(ClientIdentity caller, HttpContext call, CancellationToken cancellationToken) =>
            ValueTask.FromResult(
                call.Request.Headers["tenant"].ToString() is { Length: > 0 } tenant ? PayerSelection.Of(tenant) : PayerSelection.ByRules);
    }

    private sealed class ByTenant : IPayerSelector
    {
        public ValueTask<PayerSelection> SelectAsync(ClientIdentity caller, HttpContext call, CancellationToken cancellationToken) =>
            ValueTask.FromResult(
                call.Request.Headers["tenant"].ToString() is { Length: > 0 } tenant
                    ? PayerSelection.Of(tenant)
                    : PayerSelection.Refuse("name your tenant"));
    }
}
