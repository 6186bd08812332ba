using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>Multicall3, which most chains have at the same address: it makes several calls in one, all at the same block.</summary>
public sealed class Multicall3Contract(EthereumRpc rpc)
{
    /// <summary>aggregate3((address target, bool allowFailure, bytes callData)[] calls): makes the calls in order.</summary>
    public static readonly ContractFunction Aggregate3 = new("aggregate3((address,bool,bytes)[])");

    /// <summary>getEthBalance(address account): the native balance of an account.</summary>
    public static readonly ContractFunction GetEthBalance = new("getEthBalance(address)");

    /// <summary>Its address on every chain.</summary>
    public static readonly EthereumAddress Address = EthereumAddress.Parse("0xcA11bde05977b3631167028862bE2a173976CA11");

    // Hashes of the code of the contract, of which there are two that differ in the compiler's metadata, and of the stand-in of a local
    // network.
    private static readonly Bytes32[] KnownCode =
    [
        Bytes32.Parse("0xd5c15df687b16f2ff992fc8d767b4216323184a2bbc6ee2f9c398c318e770891"),
        Bytes32.Parse("0x8ec8aa5d07a37e47597b3a254f5cbf39fa2080526ae34db3a564fffed82b99ad"),
        Bytes32.Parse("0x3df8f5b26ea2e033b53bade0565c3ee713c5a88ab1365c6fe3fb83d1e9621efe"),
    ];

    private readonly ContractReader _reader = new(rpc, Address);

    /// <summary>Whether the chain has the contract (<c>eth_getCode</c>).</summary>
    /// <returns>
    /// False also where its address has other code. The key with which the contract was deployed is known to others, so that there are
    /// chains where its address has a contract of somebody else, which may answer anything.
    /// </returns>
    public async Task<RpcResult<bool>> IsThereAsync(CancellationToken cancellationToken)
    {
        var code = await rpc.GetCodeAsync(Address, cancellationToken).ConfigureAwait(false);
        return code.Then<bool>(found => KnownCode.Contains(new Bytes32(Keccak256.Hash(found.Span))));
    }

    /// <summary>Makes calls at the newest block in one <c>eth_call</c>; their caller is this contract, without any value.</summary>
    /// <param name="calls">The calls, each with a contract; the gas of one <c>eth_call</c> has to be enough for all of them.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>
    /// What each call returned, in order. One that failed is an error of kind <see cref="RpcErrorKind.Reverted"/>, whose data is empty
    /// when the call used up its gas, and fails no other one.
    /// </returns>
    public Task<RpcResult<IReadOnlyList<RpcResult<ReadOnlyMemory<byte>>>>> CallAsync(
        IReadOnlyList<CallRequest> calls, CancellationToken cancellationToken) =>
        _reader.ReadAsync<IReadOnlyList<RpcResult<ReadOnlyMemory<byte>>>>(
            Aggregate3,
            Aggregate3.Encode(new AbiWriter().Array(calls, Write)),
            answer => ReadAll(answer, calls.Count),
            cancellationToken);

    private static void Write(AbiWriter list, CallRequest call) =>
        list.DynamicTuple(tuple => tuple.Address(call.To!.Value).Bool(true).Bytes(call.Data.Span));

    private static RpcResult<ReadOnlyMemory<byte>>[] ReadAll(AbiReader answer, int calls)
    {
        var results = answer.Array(Read);
        return results.Length == calls ? results : throw new AbiException($"there are {results.Length} results of {calls} calls");
    }

    private static RpcResult<ReadOnlyMemory<byte>> Read(AbiReader list)
    {
        var tuple = list.DynamicTuple();
        var (isOk, data) = (tuple.Bool(), tuple.Bytes());
        return isOk ? data : new RpcError(Aggregate3.Name, RpcErrorKind.Reverted, 0, "the call failed") { Data = data };
    }
}
