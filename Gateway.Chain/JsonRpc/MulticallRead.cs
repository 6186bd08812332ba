using System.Text.Json;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>A request that a call of Multicall3 can answer as the endpoint would: a balance or a view at the newest block.</summary>
/// <param name="Place">Its place among the requests.</param>
/// <param name="Call">The call that answers it.</param>
internal sealed record MulticallRead(int Place, CallRequest Call)
{
    /// <summary>Those among the requests that are such reads.</summary>
    public static IReadOnlyList<MulticallRead> Of(IReadOnlyList<RpcCall> requests)
    {
        var reads = new List<MulticallRead>(requests.Count);
        for (var place = 0; place < requests.Count; place++)
            if (CallOf(requests[place]) is { } call) reads.Add(new MulticallRead(place, call));
        return reads;
    }

    /// <summary>The answer; null when the call failed or returned something else, so that the endpoint has to tell why.</summary>
    public RpcResult<JsonElement>? AnswerOf(RpcResult<ReadOnlyMemory<byte>> result)
    {
        if (!result.TryGet(out var data, out _)) return null;
        var isBalance = Call.To == Multicall3Contract.Address;
        return isBalance && data.Length != AbiWriter.Word ? null : JsonElement.Parse($"\"{HexData.Format(data.Span)}\"");
    }

    private static CallRequest? CallOf(RpcCall request) => request switch
    {
        { Method: "eth_getBalance", Parameters: [EthereumAddress account, BlockTag block] } when IsNewest(block) =>
            new(Multicall3Contract.Address, Multicall3Contract.GetEthBalance.Encode(new AbiWriter().Address(account))),
        { Method: "eth_call", Parameters: [CallRequest { To: { } contract, From: null } view, BlockTag block] }
            when IsNewest(block) && view.Value == default && contract != Multicall3Contract.Address => view,
        _ => null,
    };

    private static bool IsNewest(BlockTag block) => block.ToString() == BlockTag.Latest.ToString();
}
