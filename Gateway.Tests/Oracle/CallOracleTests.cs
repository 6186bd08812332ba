using System.Numerics;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Oracle;

public class CallOracleTests
{
    [Fact]
    public Task A_message_is_sent_with_the_data_that_Nethereum_sends() => AgreeAsync("addMessage(bytes16,bytes)", values =>
    {
        var call = GroupMessageBroadcasterContract.EncodeAddMessage((byte[])values[0], (byte[])values[1]);
        Assert.True(GroupMessageBroadcasterContract.TryReadAddMessage(call, out var message));
        Assert.Equal(values, [message.GroupId.ToArray(), message.Message.ToArray()]);
        return call;
    });

    [Fact]
    public Task An_identity_update_is_sent_with_the_data_that_Nethereum_sends() => AgreeAsync("addIdentityUpdate(bytes32,bytes)", values =>
    {
        var call = IdentityUpdateBroadcasterContract.EncodeAddIdentityUpdate((byte[])values[0], (byte[])values[1]);
        Assert.True(IdentityUpdateBroadcasterContract.TryReadAddIdentityUpdate(call, out var update));
        Assert.Equal(values, [update.InboxId.ToArray(), update.Update.ToArray()]);
        return call;
    });

    [Fact]
    public Task A_rates_call_equals_that_of_Nethereum() => AgreeAsync("getRates(uint256,uint256)", values =>
        RateRegistryContract.GetRates.Encode(new AbiWriter().Int((BigInteger)values[0]).Int((BigInteger)values[1])));

    [Fact]
    public Task A_balance_call_equals_that_of_Nethereum() => AgreeAsync("getBalance(address)", values =>
        PayerRegistryContract.GetBalance.Encode(new AbiWriter().Address(EthereumAddress.Parse((string)values[0]))));

    [Fact]
    public Task A_withdrawal_call_equals_that_of_Nethereum() => AgreeAsync("getPendingWithdrawal(address)", values =>
        PayerRegistryContract.GetPendingWithdrawal.Encode(new AbiWriter().Address(EthereumAddress.Parse((string)values[0]))));

    [Fact]
    public Task A_node_call_equals_that_of_Nethereum() => AgreeAsync("getNode(uint32)", values =>
        NodeRegistryContract.GetNode.Encode(new AbiWriter().UInt((UInt128)(BigInteger)values[0])));

    [Fact]
    public void Functions_without_arguments_have_the_selectors_of_Nethereum()
    {
        foreach (var function in new[]
        {
            BroadcasterContract.MinPayloadSize,
            BroadcasterContract.MaxPayloadSize,
            BroadcasterContract.IsPaused,
            NodeRegistryContract.GetAllNodes,
            RateRegistryContract.GetRatesCount,
        })
        {
            Assert.Equal(new NethereumAbi(function.Signature).Selector, function.Encode());
        }
    }

    private static Task AgreeAsync(string signature, Func<object[], byte[]> encode)
    {
        var theirs = new NethereumAbi(signature);
        return Generated.AgreeAsync(Generated.OfTypes(theirs.Types), Cases.ACall, values =>
        {
            var call = encode(values);
            Assert.Equal(theirs.EncodeCall(values), call);
            Assert.Equal(
                values,
                theirs.DecodeCall(call)
                    .Select(
                        value => value is string text
                            ? EthereumAddress.Parse(text).ToString()
                            : value is uint number ? new BigInteger(number) : value));
        });
    }
}
