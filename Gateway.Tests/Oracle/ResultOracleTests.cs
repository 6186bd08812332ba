using System.Numerics;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Nethereum.ABI;
using Nethereum.ABI.FunctionEncoding.Attributes;
using Nethereum.Hex.HexConvertors.Extensions;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Oracle;

/// <summary>A real endpoint answers what Nethereum encodes, and our contracts are to read from it what went in.</summary>
public class ResultOracleTests
{
    private static readonly Gen<NodeWithId> AnyNode = Gen.Select(
        Gen.UInt, Generated.Address, Gen.Bool, Gen.Byte.Array[0, 70], Generated.OfType("string"), (id, signer, isCanonical, key, url) =>
            new NodeWithId
            {
                NodeId = id,
                Node = new Node { Signer = signer, IsCanonical = isCanonical, SigningPublicKey = key, HttpAddress = (string)url },
            });

    private static readonly Gen<Rate> AnyRate = Gen.Select(
        Generated.UInt64,
        Generated.UInt64,
        Generated.UInt64,
        Generated.UInt64,
        Generated.UInt64,
        (message, storage, congestion, target, start) =>
            new Rate
            {
                MessageFee = message,
                StorageFee = storage,
                CongestionFee = congestion,
                TargetRatePerMinute = target,
                StartTime = start,
            });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task All_nodes_are_read() => AgreeAsync(AnyNode.List[0, 8], nodes => new ABIEncode()
        .GetABIParamsEncoded(new Nodes { All = nodes }), async (rpc, address, nodes) =>
    {
        var read = (await new NodeRegistryContract(rpc, address).GetAllNodesAsync(Cancel)).OrThrow();
        Assert.Equal(nodes.Count, read.Count);
        for (var i = 0; i < nodes.Count; i++) AssertSame(nodes[i], read[i]);
    });

    [Fact]
    public Task One_node_is_read() => AgreeAsync(AnyNode, node => new ABIEncode()
        .GetABIParamsEncoded(new OneNode { Node = node.Node }), async (rpc, address, node) =>
        AssertSame(node, (await new NodeRegistryContract(rpc, address).GetNodeAsync(node.NodeId, Cancel)).OrThrow()));

    [Fact]
    public Task Rates_are_read() => AgreeAsync(AnyRate.List[0, 12], rates => new ABIEncode()
        .GetABIParamsEncoded(new AllRates { All = rates }), async (rpc, address, rates) =>
        Assert.Equal(
            rates.Select(rate => new Rates(rate.MessageFee, rate.StorageFee, rate.CongestionFee, rate.TargetRatePerMinute, rate.StartTime)),
            (await new RateRegistryContract(rpc, address).GetRatesAsync(0, 1, Cancel)).OrThrow()));

    [Fact]
    public Task A_balance_that_may_be_below_zero_is_read() => AgreeAsync(
        Generated.OfTypes(["int104"]), new NethereumAbi("f(int104)").EncodeData, async (rpc, address, values) =>
            Assert.Equal(
                values[0], (BigInteger)(await new PayerRegistryContract(rpc, address).GetBalanceAsync(default, Cancel)).OrThrow().Value));

    [Fact]
    public Task A_pending_withdrawal_is_read() => AgreeAsync(Generated.OfTypes(["uint96", "uint32", "uint24"]), new NethereumAbi(
        "f(uint96,uint32,uint24)").EncodeData, async (rpc, address, values) =>
    {
        var (amount, at, nonce) = (await new PayerRegistryContract(rpc, address).GetPendingWithdrawalAsync(default, Cancel)).OrThrow();
        Assert.Equal(values, [(BigInteger)amount.Value, (BigInteger)at, (BigInteger)nonce]);
    });

    [Fact]
    public Task A_refusal_of_a_payloads_size_is_read()
    {
        var theirs = new NethereumAbi("InvalidPayloadSize(uint256,uint256,uint256)");
        return Generated.AgreeAsync(Generated.OfTypes(theirs.Types), Cases.ARefusal, values =>
        {
            Assert.True(BroadcasterContract.TryReadInvalidPayloadSize(theirs.EncodeCall(values), out var size));
            Assert.Equal(values, [size.Actual, size.Min, size.Max]);
        });
    }

    private static void AssertSame(NodeWithId theirs, RegisteredNode ours)
    {
        Assert.Equal(
            (theirs.NodeId, theirs.Node.Signer, theirs.Node.IsCanonical, theirs.Node.HttpAddress),
            (ours.NodeId, ours.Signer.ToString(), ours.IsCanonical, ours.HttpAddress));
        Assert.Equal(theirs.Node.SigningPublicKey, ours.SigningPublicKey.ToArray());
    }

    private static async Task AgreeAsync<T>(Gen<T> inputs, Func<T, byte[]> encode, Func<EthereumRpc, EthereumAddress, T, Task> compare)
    {
        var result = string.Empty;
        await using var server = await ScriptedRpcServer.OverHttpAsync(
            context => context.Response.WriteAsync($$"""{"jsonrpc":"2.0","id":1,"result":"{{result}}"}"""));
        using var transport = new HttpRpcTransport(server.HttpUrl);
        var rpc = new EthereumRpc(transport);
        void Compare(T input)
        {
            result = encode(input).ToHex(true);
            compare(rpc, EthereumAddress.Parse("0x00000000000000000000000000000000000000aa"), input).GetAwaiter().GetResult();
        }

        await Generated.AgreeAsync(inputs, Cases.AResult, Compare, threads: 1);
    }

    [Struct("Node")]
    public sealed class Node
    {
        [Parameter("address", "signer", 1)]
        public string Signer { get; set; } = string.Empty;

        [Parameter("bool", "isCanonical", 2)]
        public bool IsCanonical { get; set; }

        [Parameter("bytes", "signingPublicKey", 3)]
        public byte[] SigningPublicKey { get; set; } = [];

        [Parameter("string", "httpAddress", 4)]
        public string HttpAddress { get; set; } = string.Empty;
    }

    [Struct("NodeWithId")]
    public sealed class NodeWithId
    {
        [Parameter("uint32", "nodeId", 1)]
        public uint NodeId { get; set; }

        [Parameter("tuple", "node", 2, "Node")]
        public Node Node { get; set; } = new();
    }

    public sealed class Nodes
    {
        [Parameter("tuple[]", "nodes", 1, "NodeWithId[]")]
        public List<NodeWithId> All { get; set; } = [];
    }

    public sealed class OneNode
    {
        [Parameter("tuple", "node", 1, "Node")]
        public Node Node { get; set; } = new();
    }

    [Struct("Rates")]
    public sealed class Rate
    {
        [Parameter("uint64", "messageFee", 1)]
        public ulong MessageFee { get; set; }

        [Parameter("uint64", "storageFee", 2)]
        public ulong StorageFee { get; set; }

        [Parameter("uint64", "congestionFee", 3)]
        public ulong CongestionFee { get; set; }

        [Parameter("uint64", "targetRatePerMinute", 4)]
        public ulong TargetRatePerMinute { get; set; }

        [Parameter("uint64", "startTime", 5)]
        public ulong StartTime { get; set; }
    }

    public sealed class AllRates
    {
        [Parameter("tuple[]", "rates", 1, "Rates[]")]
        public List<Rate> All { get; set; } = [];
    }
}
