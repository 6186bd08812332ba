using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain.StandIns;

/// <summary>The contract that makes several calls in one, on a local chain.</summary>
public sealed class MulticallTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static readonly EthereumAddress Account = DevAccounts.Signer(3).Address;

    private static readonly CallRequest Balance =
        new(Multicall3Contract.Address, Multicall3Contract.GetEthBalance.Encode(new AbiWriter().Address(Account)));

    private static readonly CallRequest Failing =
        new(ChainAddresses.NodeRegistry, NodeRegistryContract.GetNode.Encode(new AbiWriter().UInt(987)));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_code_of_a_local_chain_is_known()
    {
        Assert.True((await new Multicall3Contract(chain.Rpc).IsThereAsync(Cancel)).OrThrow());
    }

    [Fact]
    public async Task Each_call_has_its_result_and_one_that_fails_fails_no_other()
    {
        var nobody = new CallRequest(new EthereumAddress([.. Enumerable.Repeat((byte)0xee, 20)]), new byte[] { 1, 2, 3, 4 });
        var rates = new CallRequest(ChainAddresses.RateRegistry, RateRegistryContract.GetRatesCount.Encode());

        var results = (await new Multicall3Contract(chain.Rpc).CallAsync([Balance, Failing, nobody, rates], Cancel)).OrThrow();

        Assert.Equal(
            (await chain.Rpc.GetBalanceAsync(Account, BlockTag.Latest, Cancel)).OrThrow().Amount,
            (UInt128)new AbiReader(results[0].OrThrow()).UInt(128));
        var failed = results[1].Error!;
        Assert.Equal(RpcErrorKind.Reverted, failed.Kind);
        Assert.Equal((await chain.Rpc.CallAsync(Failing, BlockTag.Latest, Cancel)).Error!.Data.ToArray(), failed.Data.ToArray());
        Assert.Empty(results[2].OrThrow().ToArray());
        Assert.Equal((await chain.Rpc.CallAsync(rates, BlockTag.Latest, Cancel)).OrThrow().ToArray(), results[3].OrThrow().ToArray());
    }

    [Fact]
    public async Task No_calls_have_no_results()
    {
        Assert.Empty((await new Multicall3Contract(chain.Rpc).CallAsync([], Cancel)).OrThrow());
    }

    [Fact]
    public async Task A_call_that_may_not_fail_fails_all()
    {
        var calls = new AbiWriter().Array(
            [Balance, Failing], (list, call) => list.DynamicTuple(one => one.Address(call.To!.Value).Bool(false).Bytes(call.Data.Span)));
        var all = new CallRequest(Multicall3Contract.Address, Multicall3Contract.Aggregate3.Encode(calls));

        Assert.Equal(RpcErrorKind.Reverted, (await chain.Rpc.CallAsync(all, BlockTag.Latest, Cancel)).Error?.Kind);
    }
}
