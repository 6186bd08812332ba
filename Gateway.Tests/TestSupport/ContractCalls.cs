using System.Numerics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Calls of contracts by the signature of the function, as any tool of the network makes them.</summary>
public sealed class ContractCalls(DevChain chain)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What a function answers.</summary>
    public async Task<AbiReader> AskAsync(EthereumAddress contract, string function, AbiWriter? arguments = null)
    {
        var call = new CallRequest(contract, new ContractFunction(function).Encode(arguments));
        return new AbiReader((await chain.Rpc.CallAsync(call, BlockTag.Latest, Cancel)).OrThrow());
    }

    /// <summary>Sends a transaction of an account that the chain signs for.</summary>
    public Task<TransactionReceipt> SendAsync(
        EthereumAddress from, EthereumAddress contract, string function, AbiWriter? arguments = null) =>
        chain.SendAsync(from, contract, new ContractFunction(function).Encode(arguments), Cancel);

    /// <summary>The name and the words of the error with which a contract refuses a transaction.</summary>
    public async Task<(string? Name, string Words)> RefusalAsync(
        EthereumAddress from, EthereumAddress contract, string function, AbiWriter? arguments = null)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => SendAsync(from, contract, function, arguments));
        Assert.Equal(RpcErrorKind.Reverted, refused.Error.Kind);
        return (RevertReason.Name(refused.Error.Data), RevertReason.Of(refused.Error.Data));
    }

    /// <summary>Sets a setting as the administrator of a real local chain does.</summary>
    public Task<TransactionReceipt> SetAsync(string key, BigInteger value) => SendAsync(
        DevAccounts.SettingsAdministrator,
        ChainAddresses.ParameterRegistry,
        "set(string,bytes32)",
        new AbiWriter().String(key).Int(value));
}
