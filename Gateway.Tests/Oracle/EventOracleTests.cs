using System.Numerics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Oracle;

public class EventOracleTests
{
    [Fact]
    public Task MessageSent_is_read() => AgreeAsync("MessageSent(bytes16 indexed,bytes,uint64 indexed)", (log, values) =>
    {
        Assert.True(GroupMessageBroadcasterContract.TryReadMessageSent(log, out var sent));
        Assert.Equal(values, [sent.GroupId.ToArray(), sent.Message.ToArray(), (BigInteger)sent.SequenceId]);
    });

    [Fact]
    public Task IdentityUpdateCreated_is_read() => AgreeAsync(
        "IdentityUpdateCreated(bytes32 indexed,bytes,uint64 indexed)", (log, values) =>
        {
            Assert.True(IdentityUpdateBroadcasterContract.TryReadIdentityUpdateCreated(log, out var created));
            Assert.Equal(values, [created.InboxId.ToArray(), created.Update.ToArray(), (BigInteger)created.SequenceId]);
        });

    [Fact]
    public Task PauseStatusUpdated_is_read() => AgreeAsync("PauseStatusUpdated(bool indexed)", (log, values) =>
    {
        Assert.True(BroadcasterContract.TryReadPauseStatusUpdated(log, out var update));
        Assert.Equal(values, [update.Paused]);
    });

    [Fact]
    public Task The_nodes_events_name_the_node() => Task.WhenAll(
        new[]
        {
            "NodeAdded(uint32 indexed,address indexed,address indexed,bytes,string)", "NodeAddedToCanonicalNetwork(uint32 indexed)",
            "NodeRemovedFromCanonicalNetwork(uint32 indexed)", "HttpAddressUpdated(uint32 indexed,string)",
        }.Select(signature => AgreeAsync(signature, (log, values) =>
        {
            Assert.True(NodeRegistryContract.TryReadNodeId(log, out var id));
            Assert.Equal(values[0], (BigInteger)id);
        })));

    [Fact]
    public Task RatesUpdated_is_read() => AgreeAsync("RatesUpdated(uint64,uint64,uint64,uint64,uint64)", (log, values) =>
    {
        Assert.True(RateRegistryContract.TryReadRatesUpdated(log, out var rates));
        Assert.Equal(
            values,
            [
                (BigInteger)rates.MessageFee,
                (BigInteger)rates.StorageFee,
                (BigInteger)rates.CongestionFee,
                (BigInteger)rates.TargetRatePerMinute,
                (BigInteger)rates.StartTime,
            ]);
    });

    [Fact]
    public Task Deposit_is_read() => AgreeAsync("Deposit(address indexed,uint96)", (log, values) =>
    {
        Assert.True(PayerRegistryEvents.TryReadDeposit(log, out var deposit));
        Assert.Equal(values, [deposit.Payer.ToString(), (BigInteger)deposit.Amount.Value]);
    });

    [Fact]
    public Task UsageSettled_is_read() => AgreeAsync("UsageSettled(bytes32 indexed,address indexed,uint96)", (log, values) =>
    {
        Assert.True(PayerRegistryEvents.TryReadUsageSettled(log, out var settled));
        Assert.Equal(values, [settled.PayerReportId.ToArray(), settled.Payer.ToString(), (BigInteger)settled.Amount.Value]);
    });

    [Fact]
    public Task WithdrawalRequested_is_read() => AgreeAsync("WithdrawalRequested(address indexed,uint96,uint32,uint24)", (log, values) =>
    {
        Assert.True(PayerRegistryEvents.TryReadWithdrawalRequested(log, out var requested));
        var (amount, at, nonce) = requested.Withdrawal;
        Assert.Equal(values, [requested.Payer.ToString(), (BigInteger)amount.Value, (BigInteger)at, (BigInteger)nonce]);
    });

    [Fact]
    public Task WithdrawalCancelled_is_read() => AgreeAsync("WithdrawalCancelled(address indexed,uint24)", (log, values) =>
    {
        Assert.True(PayerRegistryEvents.TryReadWithdrawalCancelled(log, out var ended));
        Assert.Equal(values, [ended.Payer.ToString(), (BigInteger)ended.Nonce]);
    });

    [Fact]
    public Task WithdrawalFinalized_is_read() => AgreeAsync("WithdrawalFinalized(address indexed,uint24)", (log, values) =>
    {
        Assert.True(PayerRegistryEvents.TryReadWithdrawalFinalized(log, out var ended));
        Assert.Equal(values, [ended.Payer.ToString(), (BigInteger)ended.Nonce]);
    });

    [Fact]
    public Task PayerReportSubmitted_is_read() => AgreeAsync(
        "PayerReportSubmitted(uint32 indexed,uint256 indexed,uint64,uint64 indexed,uint32,bytes32,uint32[],uint32[])", (log, values) =>
        {
            Assert.True(PayerReportManagerContract.TryReadPayerReportSubmitted(log, out var report));
            object[] read =
            [
                (BigInteger)report.OriginatorNodeId,
                report.PayerReportIndex,
                (BigInteger)report.StartSequenceId,
                (BigInteger)report.EndSequenceId,
                (BigInteger)report.EndMinuteSinceEpoch,
                report.PayersMerkleRoot.ToArray(), Numbers(report.NodeIds), Numbers(report.SigningNodeIds),
            ];
            Assert.Equal(values, read);
        });

    [Fact]
    public Task PayerReportSubsetSettled_is_read() => AgreeAsync(
        "PayerReportSubsetSettled(uint32 indexed,uint256 indexed,uint32,uint32,uint96)", (log, values) =>
        {
            Assert.True(PayerReportManagerContract.TryReadPayerReportSubsetSettled(log, out var settled));
            Assert.Equal(
                values,
                [
                    (BigInteger)settled.OriginatorNodeId,
                    settled.PayerReportIndex,
                    (BigInteger)settled.Count,
                    (BigInteger)settled.Remaining,
                    (BigInteger)settled.FeesSettled.Value,
                ]);
        });

    private static List<object> Numbers(IEnumerable<uint> ids) => [.. ids.Select(id => (object)(BigInteger)id)];

    // Nethereum encodes the event, and ours is to read from it what went in.
    private static Task AgreeAsync(string signature, Action<LogEntry, object[]> compare)
    {
        var theirs = new NethereumAbi(signature);
        return Generated.AgreeAsync(Generated.OfTypes(theirs.Types), Cases.AnEvent, values =>
        {
            Bytes32[] topics = [.. theirs.EncodeTopics(values).Select(topic => new Bytes32(topic))];
            compare(
                new LogEntry(default(EthereumAddress), topics, theirs.EncodeData(values), 1, default, default, 0, Removed: false), values);
        });
    }
}
