using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.NethereumBridge;

/// <summary>
/// What the administration of a local chain tells contracts that answer as the real ones do: which they are is asked of
/// the chain.
/// </summary>
/// <remarks>The contracts are a few bytes of EVM: they name themselves for every question about an address, and take everything.</remarks>
public sealed class DevChainTests(AnvilFixture anvil) : IClassFixture<AnvilFixture>
{
    // ADDRESS, as the one word that is returned.
    private const string ReturnsItself = "30600052602060" + "00f3";

    private readonly DevChain _chain = new(anvil.Rpc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deposit_into_a_registry_with_a_fee_token_wraps_the_tokens_first()
    {
        await PutAsync(ChainAddresses.PayerRegistry, ReturnsItself);
        var from = await HeadAsync();

        await _chain.DepositAsync(DevAccounts.Payer, new Microdollars(25_000_000), Cancel);

        Assert.Equal(
            [
                "mint(address,uint256)",
                "approve(address,uint256)",
                "deposit(uint256)",
                "approve(address,uint256)",
                "deposit(address,uint96)",
            ],
            await CallsSinceAsync(from));
    }

    [Fact]
    public async Task A_refusal_of_a_deposit_says_how_much_it_takes()
    {
        // revert InsufficientDeposit(5_000_000, 10_000_000)
        var refusal = $"63{Selector("InsufficientDeposit(uint96,uint96)")}60e01b600052624c4b4060045262989680602452604460" + "00fd";
        await PutAsync(ChainAddresses.PayerRegistry, ReturnsItself, ("deposit(address,uint96)", refusal));

        var refused = await Assert.ThrowsAsync<RpcException>(
            () => _chain.DepositAsync(DevAccounts.Payer, new Microdollars(5_000_000), Cancel));

        Assert.Equal("InsufficientDeposit", RevertReason.Name(refused.Error.Data));
        Assert.Equal("the deposit is $5; the contract takes $10 at least", RevertReason.Of(refused.Error.Data));
    }

    [Fact]
    public async Task A_broadcaster_with_a_parameter_registry_is_paused_by_its_setting()
    {
        // The text "p" for the setting's name.
        await PutAsync(
            ChainAddresses.GroupMessageBroadcaster,
            ReturnsItself,
            ("pausedParameterKey()", "6020600052600160205260706040536060" + "6000f3"));
        var from = await HeadAsync();

        await _chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, true, Cancel);

        Assert.Equal(["set(string,bytes32)", "updatePauseStatus()"], await CallsSinceAsync(from));
    }

    [Fact]
    public async Task Nodes_are_added_as_the_administrator_that_the_registry_names()
    {
        // No nodes: an empty list.
        await PutAsync(ChainAddresses.NodeRegistry, ReturnsItself, ("getAllNodes()", "602060005260006020526040" + "6000f3"));
        await _chain.SetBalanceAsync(ChainAddresses.NodeRegistry, Wei.FromEther(1), Cancel);
        var from = await HeadAsync();

        await _chain.RegisterNextNodeAsync(DevAccounts.Signer(1).PublicKey, "http://127.0.0.1:1", Cancel);

        Assert.Equal(
            ["addNode(address,bytes,string)", "addToNetwork(uint32)"], await CallsSinceAsync(from, sender: ChainAddresses.NodeRegistry));
    }

    [Fact]
    public async Task A_node_is_added_back_as_the_administrator_and_moved_as_the_owner_that_the_registry_names()
    {
        await PutAsync(ChainAddresses.NodeRegistry, ReturnsItself);
        await _chain.SetBalanceAsync(ChainAddresses.NodeRegistry, Wei.FromEther(1), Cancel);
        var from = await HeadAsync();

        await _chain.RemoveFromNetworkAsync(100, Cancel);
        await _chain.AddToNetworkAsync(100, Cancel);
        await _chain.SetHttpAddressAsync(100, "http://127.0.0.1:2", Cancel);

        Assert.Equal(
            ["removeFromNetwork(uint32)", "addToNetwork(uint32)", "setHttpAddress(uint32,string)"],
            await CallsSinceAsync(from, sender: ChainAddresses.NodeRegistry));
    }

    [Theory]
    [InlineData("NotAdmin()", "only the administrator may do that")]
    [InlineData("NoPendingWithdrawal()", "no withdrawal is pending")]
    [InlineData("PayerInDebt()", "the payer's balance is below zero")]
    [InlineData("NotNodeOwner()", "only the node's owner may do that")]
    [InlineData("NotSettler()", "only the settler may do that")]
    [InlineData("NoChange()", "the state is the same already")]
    [InlineData("Paused()", "the contract is paused")]
    [InlineData("MaxCanonicalNodesReached()", "the network has as many nodes as it may")]
    public void A_refusal_has_its_name_and_text(string error, string words)
    {
        var data = Convert.FromHexString(Selector(error));
        Assert.Equal((error[..^2], words), (RevertReason.Name(data), RevertReason.Of(data)));
    }

    [Fact]
    public void A_refusal_that_is_not_known_has_no_name() => Assert.Null(RevertReason.Name(new byte[] { 0xde, 0xad, 0xbe, 0xef }));

    private static string Selector(string signature) => Convert.ToHexStringLower(AbiSignature.Selector(signature));

    // Code that runs a block for one function, and something else for all others.
    private async Task PutAsync(EthereumAddress contract, string otherwise, (string Function, string Block)? special = null)
    {
        var code = special is { } one
            ? $"600035" + $"60e01c63{Selector(one.Function)}1460{15 + (otherwise.Length / 2):x2}57{otherwise}5b{one.Block}"
            : otherwise;
        (await anvil.Rpc.Transport.SendAsync("anvil_setCode", [contract, Convert.FromHexString(code)], Cancel)).OrThrow();
    }

    private async Task<ulong> HeadAsync() => (await anvil.Rpc.GetBlockNumberAsync(Cancel)).OrThrow();

    private async Task<string[]> CallsSinceAsync(ulong block, EthereumAddress? sender = null)
    {
        string[] known =
        [
            "mint(address,uint256)",
            "approve(address,uint256)",
            "deposit(uint256)",
            "deposit(address,uint96)",
            "set(string,bytes32)",
            "updatePauseStatus()",
            "addNode(address,bytes,string)",
            "addToNetwork(uint32)",
            "removeFromNetwork(uint32)",
            "setHttpAddress(uint32,string)",
        ];
        var calls = new List<string>();
        for (var number = block + 1; number <= await HeadAsync(); number++)
        {
            var mined = (await anvil.Rpc.AskAsync<JsonElement>("eth_getBlockByNumber", [number, true], json => json, Cancel)).OrThrow();
            foreach (var transaction in mined.GetProperty("transactions").EnumerateArray())
            {
                if (sender is not null) Assert.Equal(sender, RpcValue.Address(transaction.GetProperty("from")));
                calls.Add(
                    known.Single(
                        name => transaction.GetProperty("input").GetString()!.StartsWith("0x" + Selector(name), StringComparison.Ordinal)));
            }
        }

        return [.. calls];
    }
}
