using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class CongestionTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private DevNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await DevNode.StartAsync(
        new DevNodeOptions
        {
            NodeId = 200,
            Time = _time,
            Rates = _ => ValueTask.FromResult(new NodeRates(1_000, 7, CongestionFee: 1_000, TargetRatePerMinute: 10)),
        },
        TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Each_envelope_of_a_batch_counts_for_the_congestion_of_the_next()
    {
        ulong[] expected = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7_000, 19_000, 36_000, 61_000, 100_000, 100_000];
        var answers = await PublishAsync(expected.Length);
        Assert.Equal(expected, answers.Select(unsigned => unsigned.CongestionFeePicodollars));
        Assert.Equal(expected, Stored().Select(unsigned => unsigned.CongestionFeePicodollars));
        Assert.All(
            answers,
            unsigned => Assert.Equal(1_000ul + (7ul * (ulong)unsigned.PayerEnvelopeBytes.Length * 60), unsigned.BaseFeePicodollars));
    }

    [Fact]
    public async Task The_minutes_before_count_with_their_weights()
    {
        await PublishAsync(14);
        Assert.Equal(61_000ul, (await NextMinuteAsync()).CongestionFeePicodollars);
        // 1 in the last minute, 14 in the one before it: (4 + 42) / 10 = 4, not above the target.
        Assert.Equal(0ul, (await NextMinuteAsync()).CongestionFeePicodollars);
    }

    [Fact]
    public async Task Calls_side_by_side_cost_what_the_stored_envelopes_say_and_that_is_the_formula_again()
    {
        await Task.WhenAll(Enumerable.Range(0, 17).Select(_ => PublishAsync(1)));
        Assert.Equal(
            [0ul, 7_000, 19_000, 36_000, 61_000, 100_000], Stored().Select(unsigned => unsigned.CongestionFeePicodollars).Distinct());
    }

    private async Task<UnsignedOriginatorEnvelope> NextMinuteAsync()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        return (await PublishAsync(1))[0];
    }

    private async Task<List<UnsignedOriginatorEnvelope>> PublishAsync(int count)
    {
        var answer = await RawPublish.PublishAsync(
            _node.Address, null, [.. Enumerable.Range(1, count).Select(seed => Payers.Sign(Envelopes.Welcome((byte)seed), 200))]);
        return [.. answer.Envelopes.Select(envelope => UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope))];
    }

    private IEnumerable<UnsignedOriginatorEnvelope> Stored() => _node.Store.OfOriginator(200)
        .Select(
            stored => UnsignedOriginatorEnvelope.Parser.ParseFrom(
                OriginatorEnvelope.Parser.ParseFrom(stored.Bytes.Span).UnsignedOriginatorEnvelope));
}
