using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain.StandIns;

/// <summary>What the stand-ins keep from whom, with the errors of the real contracts.</summary>
public sealed class AdministratorTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static readonly EthereumAddress Stranger = DevAccounts.Signer(2).Address;

    private readonly ContractCalls _calls = new(chain.Chain);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_a_stranger_registers_is_refused_with_the_real_error_and_in_words()
    {
        Assert.Equal(
            ("NotAdmin", "only the administrator may do that"),
            await RefusedNodesAsync(Stranger, "addNode(address,bytes,string)", Node()));
        Assert.Equal("NotAdmin", (await RefusedNodesAsync(Stranger, "addToNetwork(uint32)", new AbiWriter().UInt(100u))).Name);
        Assert.Equal("NotAdmin", (await RefusedNodesAsync(Stranger, "removeFromNetwork(uint32)", new AbiWriter().UInt(100u))).Name);
    }

    [Fact]
    public async Task The_first_account_adds_nodes_as_on_a_real_local_chain_and_their_owner_sets_their_address()
    {
        var admin = DevAccounts.SettingsAdministrator;
        var added = await _calls.SendAsync(admin, ChainAddresses.NodeRegistry, "addNode(address,bytes,string)", Node());
        Assert.True(NodeRegistryContract.TryReadNodeId(Assert.Single(added.Logs), out var id));
        await _calls.SendAsync(admin, ChainAddresses.NodeRegistry, "addToNetwork(uint32)", new AbiWriter().UInt(id));

        var move = new AbiWriter().UInt(id).String("http://b");
        Assert.Equal(
            ("NotNodeOwner", "only the node's owner may do that"),
            await RefusedNodesAsync(admin, "setHttpAddress(uint32,string)", move));
        await _calls.SendAsync(DevAccounts.Signer(3).Address, ChainAddresses.NodeRegistry, "setHttpAddress(uint32,string)", move);

        var node = (await new NodeRegistryContract(chain.Rpc, ChainAddresses.NodeRegistry).GetNodeAsync(id, Cancel)).OrThrow();
        Assert.Equal((true, "http://b"), (node.IsCanonical, node.HttpAddress));
        var unowned = await RefusedNodesAsync(admin, "addNode(address,bytes,string)", Node(default(EthereumAddress)));
        Assert.Equal("InvalidOwner", unowned.Name);
    }

    [Fact]
    public async Task The_administrator_of_the_nodes_is_another_once_the_setting_says_so()
    {
        var next = DevAccounts.Signer(1).Address;
        await _calls.SendAsync(
            DevAccounts.SettingsAdministrator,
            ChainAddresses.ParameterRegistry,
            "set(string,bytes32)",
            new AbiWriter().String("xmtp.nodeRegistry.admin").Address(next));
        Assert.Equal(DevAccounts.SettingsAdministrator, (await _calls.AskAsync(ChainAddresses.NodeRegistry, "admin()")).Address());

        var taken = await _calls.SendAsync(Stranger, ChainAddresses.NodeRegistry, "updateAdmin()");

        Assert.Equal(AbiSignature.Topic("AdminUpdated(address)"), Assert.Single(taken.Logs).Topics[0]);
        Assert.Equal(next, await chain.Chain.FindNodeAdministratorAsync(Cancel));
        await _calls.SendAsync(next, ChainAddresses.NodeRegistry, "addNode(address,bytes,string)", Node());
        var former = await RefusedNodesAsync(DevAccounts.SettingsAdministrator, "addNode(address,bytes,string)", Node());
        Assert.Equal("NotAdmin", former.Name);
        await _calls.SendAsync(
            DevAccounts.SettingsAdministrator,
            ChainAddresses.ParameterRegistry,
            "set(string,bytes32)",
            new AbiWriter().String("xmtp.nodeRegistry.admin").Address(DevAccounts.SettingsAdministrator));
        await _calls.SendAsync(Stranger, ChainAddresses.NodeRegistry, "updateAdmin()");
    }

    [Fact]
    public async Task Settings_charges_and_credits_are_not_a_strangers()
    {
        var set = new AbiWriter().String("xmtp.payerRegistry.paused").UInt(1u);
        var charge = new AbiWriter()
            .FixedBytes(new byte[32])
            .Array<EthereumAddress>([Stranger], (writer, payer) => writer.Address(payer).UInt(1u));
        var credit = new AbiWriter().Address(Stranger).UInt(1u);

        Assert.Equal(
            "NotAdmin", (await _calls.RefusalAsync(Stranger, ChainAddresses.ParameterRegistry, "set(string,bytes32)", set)).Name);
        Assert.Equal(
            ("NotSettler", "only the settler may do that"),
            await _calls.RefusalAsync(Stranger, ChainAddresses.PayerRegistry, "settleUsage(bytes32,(address,uint96)[])", charge));
        Assert.Equal(
            "NotAdmin", (await _calls.RefusalAsync(Stranger, ChainAddresses.PayerRegistry, "credit(address,uint96)", credit)).Name);
        Assert.Equal("NotAdmin", (await _calls.RefusalAsync(Stranger, ChainAddresses.FeeToken, "mint(address,uint256)", credit)).Name);
    }

    [Fact]
    public async Task An_administrator_of_the_settings_makes_others_and_may_be_removed()
    {
        var other = DevAccounts.Signer(3).Address;
        var key = $"xmtp.settlementChainParameterRegistry.isAdmin.{other.ToString().ToLowerInvariant()}";
        Assert.False((await IsAdminAsync(other)).Bool());

        await _calls.SetAsync(key, 1);

        Assert.True((await IsAdminAsync(other)).Bool());
        await _calls.SendAsync(
            other, ChainAddresses.ParameterRegistry, "set(string,bytes32)", new AbiWriter().String("a.setting").UInt(5u));
        await _calls.SetAsync(key, 0);
        Assert.False((await IsAdminAsync(other)).Bool());
        Assert.True((await IsAdminAsync(DevAccounts.SettingsAdministrator)).Bool());
        Assert.True((await IsAdminAsync(DevAccounts.Administrator)).Bool());
    }

    [Fact]
    public async Task Settings_start_as_on_a_real_local_chain_and_are_read_one_by_one_or_together()
    {
        var keys = new AbiWriter().Array<string>(
            ["xmtp.identityUpdateBroadcaster.maxPayloadSize", "xmtp.payerRegistry.minimumDeposit", "never.set"],
            (writer, key) => writer.String(key));

        var values = (await _calls.AskAsync(ChainAddresses.ParameterRegistry, "get(string[])", keys)).Array(item => item.UInt64(256));
        var one = await _calls.AskAsync(
            ChainAddresses.ParameterRegistry, "get(string)", new AbiWriter().String("xmtp.nodeRegistry.maxCanonicalNodes"));

        Assert.Equal([262_144ul, 10_000_000ul, 0ul], values);
        Assert.Equal(100ul, one.UInt64(256));
        var set = await _calls.SetAsync("a.setting", 7);
        Assert.Equal(AbiSignature.Topic("ParameterSet(string,string,bytes32)"), Assert.Single(set.Logs).Topics[0]);
    }

    private static AbiWriter Node(EthereumAddress? owner = null) => new AbiWriter()
        .Address(owner ?? DevAccounts.Signer(3).Address)
        .Bytes(DevAccounts.Signer(1).PublicKey.Span)
        .String("http://a");

    private Task<(string? Name, string Words)> RefusedNodesAsync(EthereumAddress from, string function, AbiWriter arguments) =>
        _calls.RefusalAsync(from, ChainAddresses.NodeRegistry, function, arguments);

    private Task<AbiReader> IsAdminAsync(EthereumAddress account) =>
        _calls.AskAsync(ChainAddresses.ParameterRegistry, "isAdmin(address)", new AbiWriter().Address(account));
}
