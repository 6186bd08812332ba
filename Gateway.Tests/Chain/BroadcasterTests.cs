using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

public class BroadcasterTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static readonly byte[] GroupId = Convert.FromHexString("00112233445566778899aabbccddeeff");
    private static readonly byte[] InboxId = [.. GroupId, .. GroupId];

    private readonly GroupMessageBroadcasterContract _messages = new(chain.Rpc, ChainAddresses.GroupMessageBroadcaster);
    private readonly IdentityUpdateBroadcasterContract _updates = new(chain.Rpc, ChainAddresses.IdentityUpdateBroadcaster);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_comes_back_in_the_event_with_its_place_in_the_order()
    {
        var payload = Enumerable.Range(0, 1000).Select(i => (byte)i).ToArray();

        var first = _messages.FindMessageSent(
            await PublishAsync(_messages.Address, GroupMessageBroadcasterContract.EncodeAddMessage(GroupId, payload), 1));
        var second = _messages.FindMessageSent(
            await PublishAsync(_messages.Address, GroupMessageBroadcasterContract.EncodeAddMessage(GroupId, payload), 1));

        Assert.Equal(GroupId, first?.GroupId.ToArray());
        Assert.Equal(payload, first?.Message.ToArray());
        Assert.Equal(first?.SequenceId + 1, second?.SequenceId);
    }

    [Fact]
    public async Task Each_contract_counts_from_one()
    {
        await using var other = await Anvil.StartAsync(new AnvilOptions(), Cancel);
        await StandInContracts.DeployAsync(other.Rpc, Cancel);
        var devChain = new DevChain(other.Rpc);

        var message = await devChain.SendAsync(
            DevAccounts.Administrator, _messages.Address, GroupMessageBroadcasterContract.EncodeAddMessage(GroupId, new byte[78]), Cancel);
        var update = await devChain.SendAsync(
            DevAccounts.Administrator,
            _updates.Address,
            IdentityUpdateBroadcasterContract.EncodeAddIdentityUpdate(InboxId, new byte[78]),
            Cancel);

        Assert.Equal(1ul, _messages.FindMessageSent(message)?.SequenceId);
        Assert.Equal(1ul, _updates.FindIdentityUpdateCreated(update)?.SequenceId);
        Assert.Equal(InboxId, _updates.FindIdentityUpdateCreated(update)?.InboxId.ToArray());
    }

    [Fact]
    public async Task An_event_of_another_contract_is_not_taken_for_ours()
    {
        var receipt = await PublishAsync(_messages.Address, GroupMessageBroadcasterContract.EncodeAddMessage(GroupId, new byte[100]), 2);
        var elsewhere = new GroupMessageBroadcasterContract(chain.Rpc, ChainAddresses.IdentityUpdateBroadcaster);

        Assert.Null(elsewhere.FindMessageSent(receipt));
        Assert.Null(_updates.FindIdentityUpdateCreated(receipt));
    }

    [Fact]
    public async Task The_bounds_of_a_payload_are_78_to_262144_bytes_and_both_are_taken()
    {
        Assert.Equal(78u, (await _messages.GetMinPayloadSizeAsync(Cancel)).OrThrow());
        Assert.Equal(262144u, (await _messages.GetMaxPayloadSizeAsync(Cancel)).OrThrow());

        var largest = await PublishAsync(
            _updates.Address,
            IdentityUpdateBroadcasterContract.EncodeAddIdentityUpdate(InboxId, [.. Enumerable.Repeat((byte)1, 262144)]),
            3);
        Assert.Equal(262144, _updates.FindIdentityUpdateCreated(largest)?.Update.Length);
        Assert.InRange(largest.GasUsed!.Value, 10_000_000ul, 11_000_000ul);
    }

    [Theory]
    [InlineData(77)]
    [InlineData(262145)]
    public async Task A_payload_out_of_bounds_is_refused_with_its_size_and_the_bounds(int size)
    {
        var call = new CallRequest(_messages.Address, GroupMessageBroadcasterContract.EncodeAddMessage(GroupId, new byte[size]));

        var error = (await chain.Rpc.EstimateGasAsync(call, Cancel)).Error;

        Assert.Equal(RpcErrorKind.Reverted, error?.Kind);
        Assert.True(BroadcasterContract.TryReadInvalidPayloadSize(error!.Data, out var refused));
        Assert.Equal((size, 78, 262144), refused);
        Assert.Equal($"the payload is {size} bytes; the contract takes 78 to 262144", RevertReason.Of(error.Data));
    }

    [Fact]
    public async Task A_paused_contract_refuses_until_it_is_unpaused_and_emits_events()
    {
        await using var other = await Anvil.StartAsync(new AnvilOptions(), Cancel);
        await StandInContracts.DeployAsync(other.Rpc, Cancel);
        var devChain = new DevChain(other.Rpc);
        var there = new GroupMessageBroadcasterContract(other.Rpc, ChainAddresses.GroupMessageBroadcaster);
        var call = new CallRequest(there.Address, GroupMessageBroadcasterContract.EncodeAddMessage(GroupId, new byte[100]));

        var paused = await devChain.SetPausedAsync(there.Address, true, Cancel);
        Assert.True((await there.GetPausedAsync(Cancel)).OrThrow());
        var error = (await other.Rpc.EstimateGasAsync(call, Cancel)).Error;
        var resumed = await devChain.SetPausedAsync(there.Address, false, Cancel);

        Assert.True(BroadcasterContract.Paused.Is(error!.Data));
        Assert.Equal("the contract is paused", RevertReason.Of(error.Data));
        Assert.True((await other.Rpc.EstimateGasAsync(call, Cancel)).IsOk);
        Assert.True(BroadcasterContract.TryReadPauseStatusUpdated(Assert.Single(paused.Logs), out var on) && on.Paused);
        Assert.True(BroadcasterContract.TryReadPauseStatusUpdated(Assert.Single(resumed.Logs), out var off) && !off.Paused);
    }

    // Signed here, so the whole way is ours: encoding, estimate, signature, receipt, event. One account a test.
    private async Task<TransactionReceipt> PublishAsync(EthereumAddress to, byte[] data, int account)
    {
        var signer = DevAccounts.Signer(account);
        var gas = (await chain.Rpc.EstimateGasAsync(new CallRequest(to, data) { From = signer.Address }, Cancel)).OrThrow();
        var transaction = new FeeMarketTransaction
        {
            ChainId = 31337,
            Nonce = (await chain.Rpc.GetTransactionCountAsync(signer.Address, BlockTag.Pending, Cancel)).OrThrow(),
            MaxFeePerGas = Wei.FromGwei(10),
            MaxPriorityFeePerGas = Wei.FromGwei(1),
            GasLimit = gas,
            To = to,
            Data = data,
        };
        var signed = await transaction.SignAsync(signer, Cancel);
        Assert.Equal(signed.Hash, (await chain.Rpc.SendRawTransactionAsync(signed.Raw, Cancel)).OrThrow());
        return await chain.Chain.WaitForReceiptAsync(signed.Hash, Cancel);
    }
}
