using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// What contracts answer: revert data, results, calls and events. A reason is one short line, a call that is read is the same when
/// it was written again, and an event is of one kind. The first byte of an input chooses which.
/// </summary>
public sealed class ContractDataTarget : IFuzzTarget
{
    private static readonly EthereumAddress Contract = new(Bytes.Counted(20));

    private static readonly ContractError[] Errors =
    [
        new("Error(string)"), new("Panic(uint256)"), new("InsufficientDeposit(uint96,uint96)"), BroadcasterContract.InvalidPayloadSize,
        BroadcasterContract.Paused,
    ];

    private static readonly Bytes32[] Topics =
    [
        BroadcasterContract.PauseStatusUpdatedTopic, BroadcasterContract.MinPayloadSizeUpdatedTopic,
        BroadcasterContract.MaxPayloadSizeUpdatedTopic, GroupMessageBroadcasterContract.MessageSentTopic,
        IdentityUpdateBroadcasterContract.IdentityUpdateCreatedTopic, .. NodeRegistryContract.Topics, .. PayerRegistryEvents.OfPayerFirst,
        PayerRegistryEvents.UsageSettledTopic, PayerReportManagerContract.PayerReportSubmittedTopic,
        PayerReportManagerContract.PayerReportSubsetSettledTopic, RateRegistryContract.RatesUpdatedTopic,
    ];

    private static readonly Func<LogEntry, bool>[] Events =
    [
        log => BroadcasterContract.TryReadPauseStatusUpdated(log, out _),
        log => BroadcasterContract.TryReadPayloadSizeUpdated(log, out _),
        log => GroupMessageBroadcasterContract.TryReadMessageSent(log, out _),
        log => IdentityUpdateBroadcasterContract.TryReadIdentityUpdateCreated(log, out _),
        log => NodeRegistryContract.TryReadNodeId(log, out _),
        log => PayerRegistryEvents.TryReadDeposit(log, out _),
        log => PayerRegistryEvents.TryReadUsageSettled(log, out _),
        log => PayerRegistryEvents.TryReadWithdrawalRequested(log, out _),
        log => PayerRegistryEvents.TryReadWithdrawalCancelled(log, out _),
        log => PayerRegistryEvents.TryReadWithdrawalFinalized(log, out _),
        log => PayerReportManagerContract.TryReadPayerReportSubmitted(log, out _),
        log => PayerReportManagerContract.TryReadPayerReportSubsetSettled(log, out _),
        log => RateRegistryContract.TryReadRatesUpdated(log, out _),
    ];

    private static readonly Action<byte[]>[] Forms =
        [ReadRevert, ReadEvent, ReadGroupMessage, ReadIdentityUpdate, ReadNodes, ReadRates, ReadCalls];

    public string Name => "contract-data";

    public string Summary => "revert data, calls, results and events of contracts";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("revert-text", [0, 0, .. new AbiWriter().String("not today").ToArray()]),
        ("revert-panic", [0, 1, .. new AbiWriter().UInt(17).ToArray()]),
        ("revert-deposit", [0, 2, .. new AbiWriter().UInt(5).UInt(10_000_000).ToArray()]),
        ("revert-size", [0, 3, .. new AbiWriter().UInt(5).UInt(10).UInt(20).ToArray()]),
        ("event-message", [1, 3, 2, .. new AbiWriter().FixedBytes(Bytes.Counted(16)).UInt(9).Bytes([1, 2, 3]).ToArray()]),
        ("event-deposit", [1, 9, 1, .. new AbiWriter().Address(Contract).UInt(5_000_000).ToArray()]),
        ("event-report", [1, 14, 3, .. new AbiWriter().UInt(1).UInt(2).UInt(3).ToArray(), .. Report()]),
        ("call-message", [2, .. new AbiWriter().FixedBytes(Bytes.Counted(16)).Bytes([1, 2, 3]).ToArray()]),
        ("call-identity-update", [3, .. new AbiWriter().FixedBytes(Bytes.Counted(32)).Bytes([1, 2, 3]).ToArray()]),
        ("nodes", [4, .. new AbiWriter().Array<uint>([1, 2], WriteNode).ToArray()]),
        ("rates", [5, .. new AbiWriter().Array<uint>([1, 2], (one, _) => one.UInt(1).UInt(2).UInt(3).UInt(4).UInt(5)).ToArray()]),
        ("calls", [6, 2, .. new AbiWriter().Array<byte>([0, 1], WriteResult).ToArray()]),
    ];

    public void Run(byte[] input) => Forms[Bytes.Choice(input, 0, Forms.Length)](Bytes.After(input, 1));

    private static void ReadRevert(byte[] input)
    {
        byte[] data = [.. Errors[Bytes.Choice(input, 0, Errors.Length)].Selector, .. Bytes.After(input, 1)];
        var reason = RevertReason.Of(data);
        Expect.That(reason.Length < 500 && !reason.Any(char.IsControl), "the reason is no short line");
        Expect.That(RevertReason.Name(data) is null or { Length: > 0 }, "the name of the error");
        RevertReason.Of(input);
    }

    private static void ReadEvent(byte[] input)
    {
        var topic = Topics[Bytes.Choice(input, 0, Topics.Length)];
        var indexed = Bytes.Choice(input, 1, 4);
        var words = Bytes.After(input, 2);
        if (words.Length < indexed * Bytes32.Size) return;
        Bytes32[] topics = [topic, .. Enumerable.Range(0, indexed).Select(i => new Bytes32(words.AsSpan(i * Bytes32.Size, Bytes32.Size)))];
        var log = new LogEntry(Contract, topics, words.AsMemory(indexed * Bytes32.Size), 1, default, default, 0, false);
        Expect.That(Events.Count(read => read(log)) <= 1, "the log is events of two kinds");
    }

    private static void ReadGroupMessage(byte[] input)
    {
        byte[] call = [.. GroupMessageBroadcasterContract.AddMessage.Selector, .. input];
        if (!GroupMessageBroadcasterContract.TryReadAddMessage(call, out var sent)) return;
        var written = GroupMessageBroadcasterContract.EncodeAddMessage(sent.GroupId.Span, sent.Message.Span);
        Expect.That(GroupMessageBroadcasterContract.TryReadAddMessage(written, out var again), "the call, written again");
        Expect.SameBytes(sent.GroupId.Span, again!.GroupId.Span, "the group");
        Expect.SameBytes(sent.Message.Span, again.Message.Span, "the message");
    }

    private static void ReadIdentityUpdate(byte[] input)
    {
        byte[] call = [.. IdentityUpdateBroadcasterContract.AddIdentityUpdate.Selector, .. input];
        if (!IdentityUpdateBroadcasterContract.TryReadAddIdentityUpdate(call, out var update)) return;
        var written = IdentityUpdateBroadcasterContract.EncodeAddIdentityUpdate(update.InboxId.Span, update.Update.Span);
        Expect.That(IdentityUpdateBroadcasterContract.TryReadAddIdentityUpdate(written, out var again), "the call, written again");
        Expect.SameBytes(update.InboxId.Span, again!.InboxId.Span, "the inbox");
        Expect.SameBytes(update.Update.Span, again.Update.Span, "the update");
    }

    private static void ReadNodes(byte[] input)
    {
        var answer = new NodeRegistryContract(Rpc(input), Contract).GetAllNodesAsync(CancellationToken.None).GetAwaiter().GetResult();
        if (!answer.TryGet(out var nodes, out var error))
        {
            Expect.Same(RpcErrorKind.Malformed, error.Kind, "the error");
            return;
        }

        Expect.That(nodes.Count <= input.Length / 32, "there are more nodes than words");
        foreach (var node in nodes) Expect.That(node.UsableAddress is null or { Scheme: "http" or "https" }, "the address of a node");
    }

    private static void ReadRates(byte[] input)
    {
        var answer = new RateRegistryContract(Rpc(input), Contract).GetRatesAsync(0, 1, CancellationToken.None).GetAwaiter().GetResult();
        if (answer.TryGet(out var rates, out var error)) Expect.That(rates.Count <= input.Length / 160, "there are more rates than words");
        else Expect.Same(RpcErrorKind.Malformed, error.Kind, "the error");
    }

    private static void ReadCalls(byte[] input)
    {
        CallRequest[] calls = [.. Enumerable.Repeat(new CallRequest(Contract, default), Bytes.Choice(input, 0, 8))];
        var results = Bytes.After(input, 1);
        var answer = new Multicall3Contract(Rpc(results)).CallAsync(calls, CancellationToken.None).GetAwaiter().GetResult();
        if (!answer.TryGet(out var read, out var error))
        {
            Expect.Same(RpcErrorKind.Malformed, error.Kind, "the error");
            return;
        }

        Expect.Same(calls.Length, read.Count, "the number of results");
        foreach (var one in read) Expect.That(one.Value.Length <= results.Length, "a result is longer than all of them");
        foreach (var one in read) Expect.That(one.Error is null or { Kind: RpcErrorKind.Reverted }, "the error of a call");
    }

    private static EthereumRpc Rpc(byte[] result) =>
        new(new CannedTransport(JsonSerializer.SerializeToElement(HexData.Format(result))));

    private static void WriteNode(AbiWriter nodes, uint id) => nodes.DynamicTuple(withId => withId.UInt(id * 100).DynamicTuple(
        node => node.Address(Contract).Bool(true).Bytes(Bytes.Counted(65)).String("https://node.example")));

    private static void WriteResult(AbiWriter results, byte one) =>
        results.DynamicTuple(result => result.Bool(one > 0).Bytes(Bytes.Counted(1 + one)));

    private static byte[] Report() => new AbiWriter().UInt(1).UInt(2).FixedBytes(Bytes.Counted(32))
        .Array<uint>([100, 200], (one, id) => one.UInt(id)).Array<uint>([100], (one, id) => one.UInt(id)).ToArray();
}
