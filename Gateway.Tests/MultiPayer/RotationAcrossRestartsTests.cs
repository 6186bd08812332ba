using Grpc.Core;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A gateway that is killed while a key has a transaction in flight, and starts again after that key's date.</summary>
public sealed class RotationAcrossRestartsTests
{
    private const byte Old = 71;
    private const byte New = 72;

    private static readonly (string Name, string Value) Caller = ("x-api-key", "key-of-app");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_of_the_key_before_is_finished_after_a_restart_and_the_new_key_does_not_pay_for_it_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var network = await DevNetwork.StartAsync(new DevNetOptions(), Cancel);
        foreach (var seed in new[] { Old, New })
            await network.Chain.SetBalanceAsync(PayersFileOnDisk.SignerOf(seed).Address, Wei.FromEther(100), Cancel);
        using var before = Rotation("2090-01-01T00:00:00Z");
        using var after = Rotation("2020-01-01T00:00:00Z");
        var commit = Envelopes.Request(Envelopes.Commit(1));
        await using (var first = await Replica.StartAsync(network, redis, before))
        {
            await network.Chain.SetAutomineAsync(false, Cancel);
            using var client = new ProtocolClient(first.Url, Form.Grpc);
            var publish = client.PublishAsync(commit, Caller);
            await Eventually.IsAsync(async () => await NonceAsync(network, Old, BlockTag.Pending) == 1, "the transaction is sent");
            await first.Process.SignalAsync("KILL");
            await first.Process.WaitAsync();
            await Record.ExceptionAsync(() => publish);
        }

        await using var second = await Replica.StartAsync(network, redis, after);
        await network.Chain.SetAutomineAsync(true, Cancel);
        await network.Chain.MineAsync(1, Cancel);
        using var again = new ProtocolClient(second.Url, Form.Grpc);
        await Eventually.IsAsync(
            async () => (await again.PublishAsync(commit, Caller)).Code == StatusCode.OK, "the repetition is answered");
        Assert.Equal((1ul, 0ul), (await NonceAsync(network, Old, BlockTag.Latest), await NonceAsync(network, New, BlockTag.Latest)));
        Assert.Equal(StatusCode.OK, (await again.PublishAsync(Envelopes.Request(Envelopes.Commit(2)), Caller)).Code);
        Assert.Equal((1ul, 1ul), (await NonceAsync(network, Old, BlockTag.Latest), await NonceAsync(network, New, BlockTag.Latest)));
        await second.Process.ReadUntilAsync($"the payer app, {PayersFileOnDisk.SignerOf(Old).Address}, has finished and is gone");
    }

    private static PayersFileOnDisk Rotation(string date)
    {
        var callers = $$""" "callers": [{ "header": "x-api-key", "sha256": "{{PayersFileOnDisk.HashOf(Caller.Value)}}" }] """;
        return new PayersFileOnDisk()
            .With("app", Old, $"\"until\": \"{date}\", {callers}").With("app", New, $"\"from\": \"{date}\", {callers}");
    }

    private static async Task<ulong> NonceAsync(DevNetwork network, byte seed, BlockTag at) =>
        (await network.Chain.Rpc.GetTransactionCountAsync(PayersFileOnDisk.SignerOf(seed).Address, at, Cancel)).OrThrow();
}
