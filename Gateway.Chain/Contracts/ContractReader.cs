using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>Calls a contract's views and decodes their results.</summary>
internal sealed class ContractReader(EthereumRpc rpc, EthereumAddress address)
{
    public EthereumAddress Address => address;

    public async Task<RpcResult<T>> ReadAsync<T>(
        ContractFunction function, byte[] data, Func<AbiReader, T> read, CancellationToken cancellationToken)
    {
        var answer = await rpc.CallAsync(new CallRequest(address, data), BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        if (!answer.TryGet(out var result, out var error)) return error with { Method = function.Name };
        if (result.IsEmpty) return RpcError.Malformed(function.Name, $"the response is empty: {address} is not this contract");
        try
        {
            return read(new AbiReader(result));
        }
        catch (AbiException exception)
        {
            return RpcError.Malformed(function.Name, exception.Message);
        }
    }

    public Task<RpcResult<T>> ReadAsync<T>(ContractFunction function, Func<AbiReader, T> read, CancellationToken cancellationToken) =>
        ReadAsync(function, function.Encode(), read, cancellationToken);
}
