using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Wallet;

/// <summary>A transaction of the payer's commands that stays out of the blocks, and its cancellation.</summary>
public sealed class UnblockTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_that_waits_is_replaced_by_one_of_nothing_and_the_next_command_works()
    {
        using var wallet = await WithStuckMintAsync(141);
        await using var proxy = await MiningAtOnceAsync();

        (await wallet.RunAsync("unblock", "--yes", $"--contracts.settlement-chain.rpc-url={proxy.Url}")).Is(
            0, "at nonce 0, the oldest of 1 that wait", "cancelled     the transaction at nonce 0");

        await chain.Chain.SetAutomineAsync(true, Cancel);
        Assert.Equal((0L, 1ul), (await wallet.StablecoinsAsync(), await wallet.SentAsync()));
        (await wallet.RunAsync("mint", "7", "--yes")).Is(0, "stablecoins   $7.00");
    }

    [Fact]
    public async Task A_transaction_mined_in_the_meantime_is_kept_and_reported()
    {
        using var wallet = await WithStuckMintAsync(142);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Fault = async (method, _, forward) =>
        {
            if (method == "eth_sendRawTransaction") await chain.Chain.MineAsync(1, Cancel);
            return await forward();
        };

        (await wallet.RunAsync("unblock", "--yes", $"--contracts.settlement-chain.rpc-url={proxy.Url}")).Is(
            1, "the earlier transaction was mined first; nothing was cancelled");

        await chain.Chain.SetAutomineAsync(true, Cancel);
        Assert.Equal((5_000_000L, 1ul), (await wallet.StablecoinsAsync(), await wallet.SentAsync()));
    }

    [Fact]
    public async Task Without_one_that_waits_or_without_a_yes_nothing_is_sent()
    {
        using var calm = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 143);
        (await calm.RunAsync("unblock", "--yes")).Is(1, "waits for a block on chain 31337", "nothing was sent");

        using var wallet = await WithStuckMintAsync(144);
        (await wallet.RunAsync("unblock")).Is(1, "at nonce 0", "not confirmed; nothing was sent");
        await chain.Chain.SetAutomineAsync(true, Cancel);
        await chain.Chain.MineAsync(1, Cancel);
        Assert.Equal((5_000_000L, 1ul), (await wallet.StablecoinsAsync(), await wallet.SentAsync()));
    }

    // The chain makes no blocks by itself until automine is on again.
    private async Task<WalletUnderTest> WithStuckMintAsync(byte seed)
    {
        var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, seed);
        await chain.Chain.SetBalanceAsync(wallet.Address, Wei.FromEther(10), Cancel);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        (await wallet.RunAsync("mint", "5", "--yes", "--wait", "1s")).Is(3, "is in no block");
        (await wallet.RunAsync("mint", "5", "--yes")).Is(1, "1 earlier transactions", "payer unblock", "it sent nothing more");
        return wallet;
    }

    private async Task<RpcProxy> MiningAtOnceAsync()
    {
        var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Fault = async (method, _, forward) =>
        {
            var answer = await forward();
            if (method == "eth_sendRawTransaction") await chain.Chain.MineAsync(1, Cancel);
            return answer;
        };
        return proxy;
    }
}
