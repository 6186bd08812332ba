using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>Chains with and without a base fee, Arbitrum's precompile, and a chain that pushes its events.</summary>
public sealed class ChainKindTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<SignedTransaction> PublishOneAsync(EthereumRpc rpc, TestFlow gateway)
    {
        var hash = TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit())).Hash;
        var raw = (await rpc.AskAsync("eth_getRawTransactionByHash", [hash], RpcValue.Data, Cancel)).OrThrow();
        Assert.True(SignedTransactionReader.TryRead(raw, out var transaction));
        return transaction;
    }

    [Fact]
    public async Task A_chain_without_a_base_fee_is_given_legacy_transactions()
    {
        await using var anvil = await Anvil.StartAsync(new AnvilOptions { MoreArguments = ["--hardfork", "berlin"] }, Cancel);
        await StandInContracts.DeployAsync(anvil.Rpc, Cancel);
        await using var gateway = await TestFlow.StartAsync(anvil.HttpUrl, DevAccounts.Signer(0));
        Assert.IsType<LegacyTransaction>((await PublishOneAsync(anvil.Rpc, gateway)).Transaction);
    }

    [Fact]
    public async Task On_Arbitrum_the_sixth_word_of_its_prices_counts()
    {
        await using var anvil = await Anvil.StartAsync(new AnvilOptions(), Cancel);
        await StandInContracts.DeployAsync(anvil.Rpc, Cancel);
        // Answers six words: five of 1 wei, then 0x12a05f200, 5 gwei.
        byte[] code =
        [
            .. Enumerable.Range(0, 5).SelectMany(i => new byte[] { 0x60, 1, 0x60, (byte)(i * 32), 0x52 }), 0x64, 0x01,
            0x2a, 0x05, 0xf2, 0x00, 0x60, 160, 0x52, 0x60, 192, 0x60, 0, 0xf3,
        ];
        (await anvil.Rpc.Transport.SendAsync(
            "anvil_setCode", ["0x000000000000000000000000000000000000006c", HexData.Format(code)], Cancel)).OrThrow();
        await using var gateway = await TestFlow.StartAsync(anvil.HttpUrl, DevAccounts.Signer(0));
        var sent = Assert.IsType<FeeMarketTransaction>((await PublishOneAsync(anvil.Rpc, gateway)).Transaction);
        Assert.Equal(Wei.FromGwei(10), sent.MaxFeePerGas);
        Assert.Equal(Wei.Zero, sent.MaxPriorityFeePerGas);
    }

    [Fact]
    public async Task A_chain_that_does_not_answer_has_no_known_kind()
    {
        await using var anvil = await Anvil.StartAsync(new AnvilOptions(), Cancel);
        await using var proxy = await RpcProxy.StartAsync(anvil.HttpUrl);
        proxy.Fault = (_, _, _) => RpcProxy.Error(-32603, "internal error");
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => TestFlow.StartAsync(proxy.Url, DevAccounts.Signer(0)));
    }

    [Fact]
    public async Task New_heads_over_a_WebSocket_answer_without_a_poll()
    {
        await using var anvil = await Anvil.StartAsync(new AnvilOptions { NoMining = true }, Cancel);
        await StandInContracts.DeployAsync(anvil.Rpc, Cancel);
        var chain = new DevChain(anvil.Rpc);
        await using var gateway = await TestFlow.StartAsync(
            anvil.HttpUrl,
            DevAccounts.Signer(0),
            options: TestFlow.Quick with { PollInterval = TimeSpan.FromHours(1), RecoveryInterval = TimeSpan.FromHours(1) },
            heads: anvil.WebSocketUrl);
        var publishing = Enumerable.Range(0, 3).Select(i => gateway.PublishAsync(Envelopes.Commit((byte)i))).ToList();
        await Eventually.IsAsync(
            async () => (await anvil.Rpc.GetTransactionCountAsync(DevAccounts.Signer(0).Address, BlockTag.Pending, Cancel)).OrThrow() == 3,
            "three in the mempool");
        await Eventually.IsAsync(
            async () =>
            {
                await chain.MineAsync(1, Cancel);
                return publishing.TrueForAll(task => task.IsCompleted);
            },
            "the heads told");
        foreach (var outcome in await Task.WhenAll(publishing)) TestFlow.Read(outcome);
    }

    [Fact]
    public async Task A_pause_is_detected_at_once()
    {
        await using var anvil = await Anvil.StartAsync(new AnvilOptions(), Cancel);
        await StandInContracts.DeployAsync(anvil.Rpc, Cancel);
        await using var gateway = await TestFlow.StartAsync(
            anvil.HttpUrl,
            DevAccounts.Signer(0),
            options: TestFlow.Quick with { ContractRefresh = TimeSpan.FromHours(1) },
            heads: anvil.WebSocketUrl);
        Assert.Null(gateway.Check(Envelopes.Identity()));
        await new DevChain(anvil.Rpc).SetPausedAsync(ChainAddresses.IdentityUpdateBroadcaster, true, Cancel);
        await Eventually.IsAsync(() => gateway.Check(Envelopes.Identity())?.Reason == "APP_CHAIN_PAUSED", "the pause was heard of");
    }
}
