using System.Numerics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Nethereum.DevChains;

/// <content>The settings of the contracts, which each reads from a parameter registry when it is told to.</content>
public sealed partial class DevChain
{
    // 1 in a stand-in; no real contract has it.
    private static readonly ContractFunction IsStandIn = new("isStandIn()");

    private async Task<TransactionReceipt> SetParametersAsync(
        EthereumAddress contract, IReadOnlyList<(string Key, BigInteger Value)> settings, CancellationToken cancellationToken)
    {
        var registry = await FindAddressAsync(contract, new ParameterRegistry(), cancellationToken).ConfigureAwait(false)
            ?? throw new RpcException(RpcError.Malformed("parameterRegistry", $"{contract} has no parameter registry"));
        var from = await IsStandInAsync(registry, cancellationToken).ConfigureAwait(false)
            ? DevAccounts.Administrator
            : DevAccounts.SettingsAdministrator;
        return settings.Count == 1
            ? await SendAsync(
                registry,
                new SetParameter { Key = settings[0].Key, Value = Word(settings[0].Value) },
                cancellationToken,
                from).ConfigureAwait(false)
            : await SendAsync(
                registry,
                new SetParameters
                {
                    Keys = [.. settings.Select(setting => setting.Key)],
                    Values = [.. settings.Select(setting => Word(setting.Value))],
                },
                cancellationToken,
                from).ConfigureAwait(false);
    }

    private async Task<bool> IsStandInAsync(EthereumAddress contract, CancellationToken cancellationToken)
    {
        var answer = await rpc.CallAsync(
            new CallRequest(contract, IsStandIn.Encode()), BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        return answer.Error is not { Kind: RpcErrorKind.Reverted } && answer.OrThrow().Span.SequenceEqual(Word(1));
    }

    private static byte[] Word(BigInteger value) => Encode(Number(value));
}
