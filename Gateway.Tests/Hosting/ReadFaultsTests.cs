using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Hosting.Health;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>At which level a reader of a chain logs that it could not read.</summary>
public sealed class ReadFaultsTests
{
    private const string Endpoint = "http://127.0.0.1:8545";
    private static readonly RpcError NoAnswer = RpcError.Transport("eth_call", "no answer");
    private static readonly RpcError Odd = RpcError.Malformed("eth_call", "odd");

    private readonly FakeTimeProvider _time = new();
    private readonly UnreachableEndpoints _away = new();

    [Fact]
    public void An_endpoint_that_goes_away_is_no_warning_until_its_check_must_have_found_it_and_while_it_is_away()
    {
        var faults = new ReadFaults(_away, _time);
        Assert.Equal(LogLevel.Debug, faults.Failed(Endpoint, NoAnswer));
        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(LogLevel.Debug, faults.Failed(Endpoint, NoAnswer));
        _away.Add(Endpoint, 0);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(LogLevel.Debug, faults.Failed(Endpoint, NoAnswer));
        Assert.Equal(LogLevel.Debug, faults.Failed(Endpoint, Odd));
    }

    [Fact]
    public void What_one_reader_alone_is_not_answered_is_a_warning_after_that_and_an_odd_answer_at_once()
    {
        var faults = new ReadFaults(_away, _time);
        Assert.Equal(LogLevel.Warning, faults.Failed(Endpoint, Odd));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(LogLevel.Warning, faults.Failed(Endpoint, NoAnswer));
        faults.Worked();
        Assert.Equal(LogLevel.Debug, faults.Failed(Endpoint, NoAnswer));
        Assert.Equal(LogLevel.Warning, new ReadFaults(null, _time).Failed(Endpoint, NoAnswer));
    }

    [Fact]
    public void Refusals_of_a_subscription_are_one_warning_until_it_is_active_again()
    {
        var faults = new ReadFaults(_away, _time);
        var refused = new RefusedSubscription("logs", error => faults.Read(Endpoint, error));
        Assert.Equal(LogLevel.Debug, refused.LevelOf(StreamItemKind.Refused, NoAnswer));
        Assert.Equal(LogLevel.Warning, refused.LevelOf(StreamItemKind.Refused, Odd));
        Assert.Null(refused.LevelOf(StreamItemKind.Refused, Odd));
        Assert.Null(refused.LevelOf(StreamItemKind.Lost, null));
        Assert.Null(refused.LevelOf(StreamItemKind.Refused, Odd));
        Assert.Null(refused.LevelOf(StreamItemKind.Live, null));
        Assert.Equal(LogLevel.Warning, refused.LevelOf(StreamItemKind.Refused, null));
    }
}
