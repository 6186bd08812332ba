using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Tests.Chain;

/// <summary>The names by which the deployed contracts know their functions, errors and events.</summary>
public class SelectorTests
{
    public static TheoryData<ContractFunction, string> Functions => new()
    {
        { GroupMessageBroadcasterContract.AddMessage, "7e4af76c" },
        { IdentityUpdateBroadcasterContract.AddIdentityUpdate, "ba74fc7c" },
        { BroadcasterContract.MinPayloadSize, "f96927ac" },
        { BroadcasterContract.MaxPayloadSize, "58e3e94c" },
        { BroadcasterContract.IsPaused, "5c975abb" },
        { NodeRegistryContract.GetAllNodes, "a1174e7d" },
        { NodeRegistryContract.GetCanonicalNodes, "3fc5ab37" },
        { NodeRegistryContract.GetNode, "e06f876f" },
        { RateRegistryContract.GetRatesCount, "2da72291" },
        { RateRegistryContract.GetRates, "45b05a43" },
        { PayerRegistryContract.GetBalance, "f8b2cb4f" },
        { PayerRegistryContract.GetPendingWithdrawal, "7ee8b2f8" },
        { Multicall3Contract.Aggregate3, "82ad56cb" },
        { Multicall3Contract.GetEthBalance, "4d2301cc" },
        { TokenContract.Wrap, "b6b55f25" },
        { TokenContract.WrapWithPermit, "4a970be7" },
    };

    public static TheoryData<Bytes32, string> Events => new()
    {
        { GroupMessageBroadcasterContract.MessageSentTopic, "0xe69329a8fa6c24860e47ba6211a332cf49c3e692bdbcc4bf5500d724bf9ccd05" },
        { IdentityUpdateBroadcasterContract.IdentityUpdateCreatedTopic,
            "0xc1a40f292090ec0435e939cdfe248e0322a88566679a90a50c4e9e5ef762dbd5" },
        { BroadcasterContract.PauseStatusUpdatedTopic, "0x7c4d1fe30fdbfda9e9c4c43e759ef32e4db5128d4cb58ff3ae9583b89b6242a5" },
        { NodeRegistryContract.NodeAddedTopic, "0x9b385c30e390e1e15ab8a2e34c4caa40b3c59882c17185fcbc3f87b2bf6658a4" },
        { NodeRegistryContract.NodeAddedToCanonicalNetworkTopic, "0x13695734a48552c5f7d826df6e02f4094ed655e28bcedb3ccc3645997f6b47f8" },
        { NodeRegistryContract.NodeRemovedFromCanonicalNetworkTopic, "0x7cf9bcdd519495a485911496098851db2c18ee9a708b453dd48f2822098e16ec" },
        { NodeRegistryContract.HttpAddressUpdatedTopic, "0x5698a22512088407e91d125d2eb43d829d9694a71f664ab0dc2aea3a8e524712" },
        { RateRegistryContract.RatesUpdatedTopic, "0x8aa9960c80aa047e81f0b89c422f689e9b6adc187f3f2b2ccb957baf2e6f761b" },
        { PayerRegistryEvents.DepositTopic, "0x5047c753a53960392b00d7af1a52e5e9ddfba5fd85f8c61391736813f9ec7e29" },
        { PayerRegistryEvents.UsageSettledTopic, "0x6f289caa6f5d8bbb1adac7d9dd49ef5841f0abd82921349169e26356c7ed3ac6" },
        { PayerRegistryEvents.WithdrawalRequestedTopic, "0xf58acd49e565133c2118fbd48b272cbd2b361d9fb82d48c281e2585eb679fad5" },
        { PayerRegistryEvents.WithdrawalCancelledTopic, "0x87b9bf32c6231e6f231616545e22d90fdc042811338515c906b9fbe184fbc47b" },
        { PayerRegistryEvents.WithdrawalFinalizedTopic, "0xd512d0170bee19bceb8acac4eba29ee8cad24ae70f8f70879e017b3b7d0ae0a5" },
        { PayerReportManagerContract.PayerReportSubmittedTopic, "0xc51249b9e6e78c1a6b57bbca4dd3ff04bff48ba6f7246ab4d109a89e8a824dda" },
        { PayerReportManagerContract.PayerReportSubsetSettledTopic, "0x3e2ef0c87bba9a992cfdc5189b278bd9852605eaca1ee05c64f285cff2c07691" },
    };

    [Theory]
    [MemberData(nameof(Functions), DisableDiscoveryEnumeration = true)]
    public void A_function_has_the_selector_of_the_deployed_contract(ContractFunction function, string selector) =>
        Assert.Equal(selector, Convert.ToHexStringLower(function.Selector));

    [Theory]
    [MemberData(nameof(Events), DisableDiscoveryEnumeration = true)]
    public void An_event_has_the_topic_of_the_deployed_contract(Bytes32 topic, string expected) =>
        Assert.Equal(expected, topic.ToString());

    [Fact]
    public void The_errors_have_the_selectors_of_the_deployed_contracts()
    {
        Assert.Equal("93b7abe6", Convert.ToHexStringLower(BroadcasterContract.InvalidPayloadSize.Selector));
        Assert.Equal("9e87fac8", Convert.ToHexStringLower(BroadcasterContract.Paused.Selector));
    }
}
