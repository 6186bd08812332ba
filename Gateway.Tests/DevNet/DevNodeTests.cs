using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class DevNodeTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly Ledger _ledger = new();
    private DevNode _node = null!;
    private GrpcChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await DevNode.StartAsync(
            new DevNodeOptions
            {
                NodeId = 200,
                Time = _time,
                Ledger = _ledger,
                Rates = _ => ValueTask.FromResult(new NodeRates(1_000, 7)),
            });
        _channel = GrpcChannel.ForAddress(_node.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task It_numbers_and_signs_what_it_takes_in_order_and_keeps_it()
    {
        ClientEnvelope[] sent = [Envelopes.Welcome(1), Envelopes.KeyPackage(1), Envelopes.Application(1), Envelopes.Welcome(1, 50)];
        var answer = await PublishAsync(sent.Select(envelope => Payers.Sign(envelope, 200)).ToArray());

        Assert.Equal(sent.Length, answer.Count);
        var last = 0L;
        for (var i = 0; i < sent.Length; i++)
        {
            var unsigned = OriginatorProof.Check(answer[i], _node.PublicKey.Span, Payers.Signer().Address, sent[i]);
            Assert.Equal(200u, unsigned.OriginatorNodeId);
            Assert.Equal((ulong)i + 1, unsigned.OriginatorSequenceId);
            Assert.InRange(unsigned.OriginatorNs, i == 0 ? 1_800_000_000_000_000_000 : last + 1, 1_800_000_000_001_000_000);
            last = unsigned.OriginatorNs;
            Assert.Equal(1_800_000_000ul + (60 * 86_400), unsigned.ExpiryUnixtime);
            Assert.Equal(1_000ul + (7ul * (ulong)unsigned.PayerEnvelopeBytes.Length * 60), unsigned.BaseFeePicodollars);
        }

        Assert.Equal(
            answer.Select(envelope => envelope.ToByteString()),
            _node.Store.OfOriginator(200).Select(stored => ByteString.CopyFrom(stored.Bytes.Span)));
        Assert.Equal([1ul, 4ul], _node.Store.OfTopic(sent[0].Aad.TargetTopic.Span).Select(stored => stored.SequenceId));
    }

    [Fact]
    public async Task Publishes_side_by_side_get_every_number_once()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40)
                .Select(
                    i => PublishAsync([Payers.Sign(Envelopes.Welcome((byte)i), 200), Payers.Sign(Envelopes.KeyPackage((byte)i), 200)])));
        var numbers = answers.Select(answer => answer.Select(Number).ToArray()).ToList();
        Assert.All(numbers, pair => Assert.Equal(pair[0] + 1, pair[1]));
        Assert.Equal(Enumerable.Range(1, 80).Select(i => (ulong)i), numbers.SelectMany(pair => pair).Order());
        Assert.Equal(Enumerable.Range(1, 80).Select(i => (ulong)i), _node.Store.OfOriginator(200).Select(stored => stored.SequenceId));
    }

    [Fact]
    public async Task The_older_name_of_the_service_answers_too()
    {
        var answer = await new ReplicationApi.ReplicationApiClient(_channel)
            .PublishPayerEnvelopesAsync(Payers.Request(Payers.Sign(Envelopes.Welcome(), 200)));
        OriginatorProof.Check(
            Assert.Single(answer.OriginatorEnvelopes), _node.PublicKey.Span, Payers.Signer().Address, Envelopes.Welcome());
    }

    [Fact]
    public async Task It_says_that_it_is_healthy()
    {
        var health = await new Health.HealthClient(_channel).CheckAsync(new HealthCheckRequest());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
    }

    [Fact]
    public async Task Browsers_reach_it_by_gRPC_Web_on_HTTP_1_on_the_same_port()
    {
        using var web = GrpcChannel.ForAddress(_node.Address, new GrpcChannelOptions
        {
            HttpHandler = new GrpcWebHandler(GrpcWebMode.GrpcWeb, new HttpClientHandler()),
            HttpVersion = new Version(1, 1),
            HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        });
        var health = await new Health.HealthClient(web).CheckAsync(new HealthCheckRequest());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
        var answer = await new PublishApi.PublishApiClient(web)
            .PublishPayerEnvelopesAsync(Payers.Request(Payers.Sign(Envelopes.Welcome(), 200)));
        Assert.Single(answer.OriginatorEnvelopes);
    }

    public static TheoryData<string, PayerEnvelope> Refused => new()
    {
        { "invalid target originator 100", Payers.Sign(Envelopes.Welcome(), 100) },
        { "payer signature", Unsigned() },
        { "payer signature",
            new PayerEnvelope(Payers.Sign(Envelopes.Welcome(), 200))
            {
                PayerSignature = new() { Bytes = ByteString.CopyFrom(new byte[65]) },
            } },
        { "retention is 1 days", Payers.Sign(Envelopes.Welcome(), 200, retentionDays: 1) },
        { "retention is 366 days", Payers.Sign(Envelopes.Welcome(), 200, retentionDays: 366) },
        { "commits and proposals", Payers.Sign(Envelopes.Commit(), 200) },
        { "identity updates", Payers.Sign(Envelopes.Identity(), 200) },
        { "aad", Payers.Sign(new ClientEnvelope { WelcomeMessage = Envelopes.Welcome().WelcomeMessage }, 200) },
        { "aad.target_topic", Payers.Sign(OnTopic(0x09, 1), 200) },
        { "aad.target_topic", Payers.Sign(OnTopic(1), 200) },
        { "client envelope", Payers.Sign(OnTopic(3, 1, 2), 200) },
        { "client envelope", Payers.Sign(new ClientEnvelope { Aad = Envelopes.Welcome().Aad }, 200) },
        { "client envelope", Payers.Sign(ByteString.CopyFrom(0xFF, 0xFF), 200) },
        { "client envelope", Payers.Sign(Envelopes.GroupMessage([0, 1, 0, 9, 1]), 200) },
        { "key package validation failed: its MLS version is not 1", Payers.Sign(KeyPackageOf([]), 200) },
        { "key package validation failed: its leaf node's capabilities are broken",
            Payers.Sign(KeyPackageOf(Envelopes.MlsKeyPackage()[..144]), 200) },
        { "key package validation failed: there are bytes behind it", Payers.Sign(KeyPackageOf([.. Envelopes.MlsKeyPackage(), 0]), 200) },
        { "depends_on: 100 is a node", Payers.Sign(DependingOn(100, 1), 200) },
        { "depends_on: originator 0 has not been seen by this node", Payers.Sign(DependingOn(0, 5), 200) },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task What_real_nodes_refuse_is_refused_by_index_with_the_whole_batch(string reason, PayerEnvelope envelope)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => PublishAsync([Payers.Sign(Envelopes.Welcome(), 200), envelope]));
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.StartsWith("error processing payer envelopes:could not validate envelope. index 1: invalid_argument: ", error.Status.Detail);
        Assert.Contains(reason, error.Status.Detail);
        Assert.Equal(0, _node.Store.Count);
    }

    [Fact]
    public async Task An_empty_request_and_two_payers_in_one_are_refused()
    {
        var empty = await Assert.ThrowsAsync<RpcException>(() => PublishAsync([]));
        Assert.Equal(StatusCode.InvalidArgument, empty.StatusCode);
        _ledger.Balances[Payers.Signer(7).Address] = Ledger.Plenty;
        var two = await Assert.ThrowsAsync<RpcException>(
            () => PublishAsync([Payers.Sign(Envelopes.Welcome(), 200), Payers.Sign(Envelopes.Welcome(), 200, Payers.Signer(7))]));
        Assert.Equal(StatusCode.InvalidArgument, two.StatusCode);
        Assert.Equal(0, _node.Store.Count);
    }

    [Fact]
    public async Task Unlimited_retention_has_no_expiry()
    {
        var answer = await PublishAsync([Payers.Sign(Envelopes.Welcome(), 200, retentionDays: uint.MaxValue)]);
        Assert.Equal(0ul, UnsignedOriginatorEnvelope.Parser.ParseFrom(answer[0].UnsignedOriginatorEnvelope).ExpiryUnixtime);
    }

    [Fact]
    public async Task A_signature_over_something_else_is_some_payer_without_a_balance()
    {
        var envelope = Payers.Sign(Envelopes.Welcome(), 200);
        envelope.UnsignedClientEnvelope = Envelopes.Welcome(2).ToByteString();
        var error = await Assert.ThrowsAsync<RpcException>(() => PublishAsync([envelope]));
        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.Equal("request has failed", error.Status.Detail);
        Assert.Equal(0, _node.Store.Count);
    }

    [Fact]
    public async Task What_was_published_is_used_up_until_the_balance_is_too_small()
    {
        _ledger.Balances[Payers.Signer().Address] = 200_000;
        while (_ledger.Balances[Payers.Signer().Address] > 100_000) await PublishAsync([Payers.Sign(Envelopes.Welcome(), 200)]);
        var kept = _node.Store.Count;
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (true) await PublishAsync([Payers.Sign(Envelopes.Welcome(), 200)]);
        });
        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.InRange(_node.Store.Count, kept, 10);
        Assert.True(_ledger.Balances[Payers.Signer().Address] >= 0);
    }

    [Fact]
    public async Task Each_node_has_a_key_of_its_own_that_never_changes()
    {
        await using var again = await DevNode.StartAsync(new DevNodeOptions { NodeId = 200 });
        await using var other = await DevNode.StartAsync(new DevNodeOptions { NodeId = 300 });
        Assert.Equal(_node.PublicKey.ToArray(), again.PublicKey.ToArray());
        Assert.NotEqual(_node.Signer, other.Signer);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_and_the_node_can_be_started_again()
    {
        await Assert.ThrowsAnyAsync<IOException>(() => DevNode.StartAsync(new DevNodeOptions { NodeId = 300, Port = _node.Address.Port }));
        var port = _node.Address.Port;
        await _node.DisposeAsync();
        await using var later = await DevNode.StartAsync(new DevNodeOptions { NodeId = 300, Port = port });
        Assert.Equal(port, later.Address.Port);
    }

    private async Task<IReadOnlyList<OriginatorEnvelope>> PublishAsync(PayerEnvelope[] envelopes) =>
        (await new PublishApi.PublishApiClient(_channel).PublishPayerEnvelopesAsync(Payers.Request(envelopes))).OriginatorEnvelopes;

    private static ulong Number(OriginatorEnvelope envelope) =>
        UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope).OriginatorSequenceId;

    private static PayerEnvelope Unsigned()
    {
        var envelope = Payers.Sign(Envelopes.Welcome(), 200);
        envelope.PayerSignature = null;
        return envelope;
    }

    private static ClientEnvelope OnTopic(params byte[] topic)
    {
        var envelope = Envelopes.Welcome();
        envelope.Aad.TargetTopic = ByteString.CopyFrom(topic);
        return envelope;
    }

    private static ClientEnvelope KeyPackageOf(byte[] bytes)
    {
        var envelope = Envelopes.KeyPackage();
        envelope.UploadKeyPackage.KeyPackage.KeyPackageTlsSerialized = ByteString.CopyFrom(bytes);
        return envelope;
    }

    private static ClientEnvelope DependingOn(uint originator, ulong sequence)
    {
        var envelope = Envelopes.Welcome();
        envelope.Aad.DependsOn = new Cursor { NodeIdToSequenceId = { { originator, sequence } } };
        return envelope;
    }

    /// <summary>Balances that stand still but for what is used.</summary>
    private sealed class Ledger : IPayerLedger
    {
        public static readonly Int128 Plenty = Int128.MaxValue / 2;

        public Dictionary<EthereumAddress, Int128> Balances { get; } = new() { [Payers.Signer().Address] = Plenty };

        public ValueTask<bool> TryUseAsync(EthereumAddress payer, ulong fees, CancellationToken cancellationToken)
        {
            lock (Balances)
            {
                if (Balances.GetValueOrDefault(payer) < fees) return ValueTask.FromResult(false);
                Balances[payer] -= fees;
                return ValueTask.FromResult(true);
            }
        }
    }
}
