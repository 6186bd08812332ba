using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>The payer's signatures of a batch.</summary>
public sealed class PayerSigningTests
{
    private const uint Node = 100;

    private static readonly PrivateKeySigner Payer =
        PrivateKeySigner.TryParse(new string('1', 64), out var signer) ? signer : throw new InvalidOperationException();

    [Theory, InlineData(1), InlineData(7), InlineData(8), InlineData(500)]
    public async Task Each_envelope_of_a_batch_has_its_own_signature_however_many_threads_sign(int count)
    {
        Assert.Null(
            EnvelopeReader.ReadRequest(
                Envelopes.Request([.. Enumerable.Range(0, count).Select(i => Envelopes.Welcome((byte)i, 100 + i))]).ToByteArray(),
                out var envelopes));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var signatures = new byte[count * PayerEnvelopeWriter.SignatureSize];
            await PayerSigning.SignAsync(Payer, Node, envelopes, signatures, TestContext.Current.CancellationToken);
            for (var i = 0; i < count; i++) Assert.Equal(Payer.Address, SignerOf(envelopes[i], signatures, i));
        })));
    }

    [Fact]
    public async Task A_remote_signer_is_asked_for_32_envelopes_of_a_batch_at_a_time()
    {
        const int count = 70;
        Assert.Null(
            EnvelopeReader.ReadRequest(
                Envelopes.Request([.. Enumerable.Range(0, count).Select(i => Envelopes.Welcome((byte)i, 100 + i))]).ToByteArray(),
                out var envelopes));
        var gate = new TaskCompletionSource();
        var remote = new SignerWithHook(Payer, _ => gate.Task);
        var signatures = new byte[count * PayerEnvelopeWriter.SignatureSize];

        var signing = PayerSigning.SignAsync(remote, Node, envelopes, signatures, TestContext.Current.CancellationToken);

        Assert.Equal(32, remote.Count);
        gate.SetResult();
        await signing;
        Assert.Equal(count, remote.Count);
        for (var i = 0; i < count; i++) Assert.Equal(Payer.Address, SignerOf(envelopes[i], signatures, i));
    }

    [Fact]
    public async Task A_signer_that_fails_is_in_the_log_once_in_ten_seconds_however_many_publishes_it_refuses()
    {
        var logs = new CapturedLogs();
        var signer = new SignerWithHook(Payers.Signer(), _ => throw new HttpRequestException("the key service is down"));
        await using var rig = await PublishRig.StartAsync(
            1, services => services.AddSingleton<ISigner>(signer).AddLogging(logging => logging.AddProvider(logs)));

        for (byte i = 0; i < 20; i++) (await rig.PublishAsync(Envelopes.Welcome(i))).Failure(PublishErrorKind.Unavailable);
        Assert.Single(logs.Lines, IsOfSigner);

        rig.Time.Advance(TimeSpan.FromSeconds(10));
        (await rig.PublishAsync(Envelopes.Welcome(20))).Failure(PublishErrorKind.Unavailable);
        Assert.Equal(2, logs.Lines.Count(IsOfSigner));
        Assert.Contains(logs.Lines, line => line.Contains("19 such lines suppressed", StringComparison.Ordinal));

        static bool IsOfSigner(string line) => line.Contains("the payer's key could not sign", StringComparison.Ordinal);
    }

    private static EthereumAddress SignerOf(ParsedEnvelope envelope, byte[] signatures, int i)
    {
        Span<byte> hash = stackalloc byte[Keccak256.HashSize], key = stackalloc byte[CurveSizes.PublicKey];
        PayerSignature.Hash(Node, envelope.Bytes.Span, hash);
        Assert.True(
            Secp256k1.Default.TryRecover(
                hash, signatures.AsSpan(i * PayerEnvelopeWriter.SignatureSize, PayerEnvelopeWriter.SignatureSize), key));
        return EthereumAddress.FromPublicKey(key);
    }
}
