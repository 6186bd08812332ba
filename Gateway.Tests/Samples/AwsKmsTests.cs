extern alias SampleAwsKms;

using System.Numerics;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Grpc.Core;
using SampleAwsKms::Xmtp.Gateway.Samples.AwsKms;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Samples;

public sealed class AwsKmsTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static readonly PrivateKeySigner Key = Payers.Signer(70);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AwsKms_publishes_to_nodes_and_to_the_chain_with_signatures_that_KMS_made()
    {
        await using var kms = await FakeKms.StartAsync(Key);
        await box.Network.Chain.SetBalanceAsync(kms.Address, Wei.FromEther(10), Cancel);
        await using var sample = await SampleProcess.StartAsync("AwsKms", box,
            ("KMS_KEY_ID", FakeKms.KeyId),
            ("KMS_ENDPOINT", $"{kms.Url}"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"));
        await Eventually.IsAsync(async () => (await sample.PublishAsync(Form.Grpc, 1)).Code == StatusCode.OK, "the sample knows the nodes");

        var answer = await sample.PublishAsync(
            Form.ConnectProto, Envelopes.Welcome(7), Envelopes.Application(8), Envelopes.Commit(9), Envelopes.Welcome(10));

        Assert.Equal(StatusCode.OK, answer.Code);
        var published = ((PublishClientEnvelopesResponse)answer.Reply!).OriginatorEnvelopes.Select(
            one => UnsignedOriginatorEnvelope.Parser.ParseFrom(one.UnsignedOriginatorEnvelope)).ToList();
        foreach (var index in new[] { 0, 1, 3 })
            Assert.Equal(kms.Address, PayerOf(PayerEnvelope.Parser.ParseFrom(published[index].PayerEnvelopeBytes)));
        Assert.Equal(1UL, (await box.Network.Chain.Rpc.GetTransactionCountAsync(kms.Address, BlockTag.Latest, Cancel)).OrThrow());
        Assert.True(kms.Signed >= 5, $"{kms.Signed} signatures");
    }

    [Fact]
    public async Task Every_signature_is_the_one_that_a_local_key_makes_whichever_s_KMS_gave()
    {
        await using var kms = await FakeKms.StartAsync(Key);
        using var client = Client(kms);
        var signer = await KmsSigner.ConnectAsync(client, FakeKms.KeyId, Cancel);
        Assert.Equal((Key.Address, Convert.ToHexString(Key.PublicKey.Span)), (signer.Address, Convert.ToHexString(signer.PublicKey.Span)));
        var (local, remote) = (new byte[65], new byte[65]);
        for (var i = 0; i < 100; i++)
        {
            var hash = Keccak256.Hash([(byte)i]);
            Key.Sign(hash, local);
            await signer.SignAsync(hash, remote, Cancel);
            Assert.Equal(local, remote);
        }
    }

    [Fact]
    public async Task A_key_of_another_curve_is_refused()
    {
        await using var kms = await FakeKms.StartAsync(Key);
        kms.Curve = "1.2.840.10045.3.1.7";
        using var client = Client(kms);
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => KmsSigner.ConnectAsync(client, FakeKms.KeyId, Cancel));
        Assert.Contains("ECC_SECG_P256K1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_of_something_else_or_of_nothing_is_an_error()
    {
        await using var kms = await FakeKms.StartAsync(Key);
        using var client = Client(kms);
        var signer = await KmsSigner.ConnectAsync(client, FakeKms.KeyId, Cancel);
        Func<BigInteger, BigInteger, (BigInteger, BigInteger)>[] changes =
        [
            (r, s) => (r, s + 1),
            (_, s) => (0, s),
            (r, _) => (r, BigInteger.Pow(2, 256)),
            (r, s) => (-r, s),
        ];
        foreach (var change in changes)
        {
            kms.Change = change;
            await Assert.ThrowsAsync<InvalidDataException>(
                async () => await signer.SignAsync(Keccak256.Hash("hash"u8), new byte[65], Cancel));
        }
    }

    [Fact]
    public async Task A_call_that_KMS_throttles_is_tried_again_a_few_times_and_no_more()
    {
        await using var kms = await FakeKms.StartAsync(Key);
        using var client = Client(kms);
        var signer = await KmsSigner.ConnectAsync(client, FakeKms.KeyId, Cancel);
        var (before, left) = (kms.Calls, KmsCalls.Retries);
        kms.Fault = async (_, call) =>
        {
            if (left-- <= 0) return false;
            await FakeKms.RefuseAsync(call, "ThrottlingException");
            return true;
        };
        await signer.SignAsync(Keccak256.Hash("hash"u8), new byte[65], Cancel);
        Assert.Equal(KmsCalls.Retries + 1, kms.Calls - before);

        (before, left) = (kms.Calls, int.MaxValue);
        await Assert.ThrowsAnyAsync<Exception>(async () => await signer.SignAsync(Keccak256.Hash("hash"u8), new byte[65], Cancel));
        Assert.InRange(kms.Calls - before, 1, KmsCalls.Retries + 1);
    }

    [Fact]
    public async Task A_disabled_key_is_reported_at_once_and_a_KMS_that_does_not_answer_times_out()
    {
        await using var kms = await FakeKms.StartAsync(Key);
        using var client = Client(kms);
        var signer = await KmsSigner.ConnectAsync(client, FakeKms.KeyId, Cancel);
        var before = kms.Calls;
        kms.Fault = async (_, call) =>
        {
            await FakeKms.RefuseAsync(call, "DisabledException");
            return true;
        };
        await Assert.ThrowsAsync<DisabledException>(async () => await signer.SignAsync(Keccak256.Hash("hash"u8), new byte[65], Cancel));
        Assert.Equal(1, kms.Calls - before);

        kms.Fault = async (_, call) =>
        {
            await new TaskCompletionSource().Task.WaitAsync(call.RequestAborted);
            return true;
        };
        await Assert.ThrowsAsync<TimeoutException>(async () => await signer.SignAsync(Keccak256.Hash("hash"u8), new byte[65], Cancel));
    }

    private static AmazonKeyManagementServiceClient Client(FakeKms kms) =>
        new(new BasicAWSCredentials("id", "secret"), KmsCalls.Config($"{kms.Url}"));

    private static EthereumAddress PayerOf(PayerEnvelope envelope)
    {
        var (hash, key) = (new byte[32], new byte[65]);
        PayerSignature.Hash(envelope.TargetOriginator, envelope.UnsignedClientEnvelope.Span, hash);
        Assert.True(Secp256k1.Default.TryRecover(hash, envelope.PayerSignature.Bytes.Span, key));
        return EthereumAddress.FromPublicKey(key);
    }
}
