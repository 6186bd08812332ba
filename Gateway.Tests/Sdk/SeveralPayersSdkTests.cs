using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>Node SDK clients of several payers at one gateway: two by tokens, and users who pay with their own wallets.</summary>
[Collection(nameof(SdkCollection))]
public sealed class SeveralPayersSdkTests(SeveralPayersSdkFixture box) : IClassFixture<SeveralPayersSdkFixture>
{
    private const string NoPayer = "the caller belongs to no payer of this gateway";
    private const string NoBalance = "the payer's balance does not cover this publish";
    private const string NoGas = "the gateway cannot pay for the App Chain now";

    [Fact]
    public async Task One_runs_dry_one_comes_and_one_goes_under_load_and_nothing_is_lost_or_paid_by_the_wrong_one()
    {
        await using var a = box.Start("a");
        await using var b = box.Start("b");
        await using var users = box.StartUsers();
        await using var c = box.Start("c");
        await Task.WhenAll(a.WriteAsync(), b.WriteAsync(), users.WriteAsync());
        await PublishMoreAsync(a, b, users);

        await box.DrainAsync("a");
        await a.AreRefusedAsync();
        var before = await StoredAsync(a);
        await PublishMoreAsync(b, users);
        Assert.Equal(before, await StoredAsync(a));
        await box.FundAsync("a");
        await PublishMoreAsync(a, b, users);

        Assert.Contains(NoPayer, await c.AreUnpaidAsync(), StringComparison.Ordinal);
        await box.AddAsync();
        await c.WriteAsync();
        await PublishMoreAsync(a, b, users, c);
        Assert.True(b.Refusals == 0, b.Log);

        box.Remove("b");
        await Task.WhenAll(b.AreRefusedAsync(), PublishMoreAsync(a, users, c));
        before = await StoredAsync(b);

        PayersClients[] all = [a, b, users, c];
        await Task.WhenAll(all.Select(clients => clients.EndAsync()));
        Assert.Equal(before, await StoredAsync(b));
        Assert.All([users, c], clients => Assert.True(clients.Refusals == 0, clients.Log));
        AssertRefusals(a, NoBalance, NoGas);
        AssertRefusals(b, NoPayer);
        AssertRefusals(users);
        AssertRefusals(c, NoPayer);
        Check(await PaidEnvelope.AtNodesAsync(box.Network), all.SelectMany(clients => clients.AtNodes()));
        Check(await PaidEnvelope.OnChainAsync(box.Network), all.SelectMany(clients => clients.OnChain()));
    }

    private static Task PublishMoreAsync(params PayersClients[] all) => Task.WhenAll(all.Select(clients => clients.PublishMoreAsync()));

    // The SDK's errors do not always have the gateway's text; its log has.
    private static void AssertRefusals(PayersClients clients, params string[] expected)
    {
        foreach (var reason in new[] { NoPayer, NoBalance, NoGas })
            Assert.True(clients.Log.Contains(reason, StringComparison.Ordinal) == expected.Contains(reason), $"{clients.Payer}: {reason}");
    }

    // How many envelopes nodes and chain have that the payer of these clients paid.
    private async Task<(int AtNodes, int OnChain)> StoredAsync(PayersClients clients) => (
        (await PaidEnvelope.AtNodesAsync(box.Network)).Count(clients.IsPaidByThem),
        (await PaidEnvelope.OnChainAsync(box.Network)).Count(clients.IsPaidByThem));

    // Each envelope is there once, and its topic is one of these clients, whose payer paid for it.
    private static void Check(
        IReadOnlyList<PaidEnvelope> paid, IEnumerable<(string Topic, EthereumAddress Wallet, int AtLeast)> expected)
    {
        Assert.Empty(paid.GroupBy(one => one.Client).Where(same => same.Count() > 1).Select(same => same.First().Topic));
        var topics = expected.ToDictionary(one => one.Topic);
        Assert.All(paid, one => Assert.Equal((one.Topic, topics[one.Topic].Wallet), (one.Topic, one.Payer)));
        var counts = paid.CountBy(one => one.Topic).ToDictionary();
        Assert.All(topics.Values, one => Assert.True(counts.GetValueOrDefault(one.Topic) >= one.AtLeast, $"{one}"));
    }
}
