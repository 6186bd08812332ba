using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>How many requests a commit costs where heads and events are delivered: each is paid for.</summary>
public sealed class CommitRequestTests : ProxiedChain
{
    // What is asked at intervals is counted by RestRequestTests.
    private static readonly AppChainTransactionOptions OfCommits = new()
    {
        RecoveryInterval = TimeSpan.FromHours(1),
        PollInterval = TimeSpan.FromHours(1),
        EventTimeout = TimeSpan.FromSeconds(10),
        StuckAfter = TimeSpan.FromHours(1),
        LookupInterval = TimeSpan.FromHours(1),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_costs_three_requests()
    {
        await using var gateway = await StartAsync();
        var before = Asked();
        await CommitAsync(gateway, 1);
        var asked = Since(before);
        TestContext.Current.TestOutputHelper?.WriteLine(Text(asked));
        Assert.Equal(1, asked["eth_sendRawTransaction"]);
        Assert.Equal(1, asked["eth_estimateGas"]);
        Assert.True(asked.Values.Sum() <= 3, Text(asked));
    }

    [Fact]
    public async Task A_hundred_commits_of_sixteen_callers_cost_a_hundred_and_twenty_requests()
    {
        await using var gateway = await StartAsync();
        var before = Asked();
        for (var left = 100; left > 0; left -= 16) await CommitAsync(gateway, Math.Min(16, left));
        var asked = Since(before);
        TestContext.Current.TestOutputHelper?.WriteLine(Text(asked));
        Assert.Equal(100, asked["eth_sendRawTransaction"]);
        Assert.True(asked.Values.Sum() <= 120, Text(asked));
    }

    private async Task<TestFlow> StartAsync()
    {
        var gateway = await StartAsync(OfCommits, withSocket: true);
        // Each of the two reads what the contracts accept: the start, and the subscription. So do the start and the first check with
        // the wallet's counts.
        await Eventually.IsAsync(
            () => Proxy.Asked.GetValueOrDefault("eth_call") >= 12 && Proxy.Asked.GetValueOrDefault("eth_getTransactionCount") >= 4,
            "what is asked at the start was asked");
        await Chain.SetAutomineAsync(false, Cancel);
        return gateway;
    }

    // One block for all.
    private async Task CommitAsync(TestFlow gateway, int count)
    {
        var mined = await CountAsync();
        await Chain.MineAsync(1, Cancel);
        var publishing = Enumerable.Range(1, count).Select(i => gateway.PublishAsync(Envelopes.Commit((byte)i))).ToList();
        await Eventually.IsAsync(
            async () => publishing.Any(publish => publish.IsCompleted) || await PendingAsync() == mined + (ulong)count, "all are sent");
        // None of them is mined: one that ended was refused.
        foreach (var ended in publishing.Where(publish => publish.IsCompleted)) TestFlow.Read(await ended);
        await Chain.MineAsync(1, Cancel);
        foreach (var outcome in await Task.WhenAll(publishing)) TestFlow.Read(outcome);
    }

    private async Task<ulong> PendingAsync() =>
        (await Node.Rpc.GetTransactionCountAsync(Signer.Address, BlockTag.Pending, Cancel)).OrThrow();

    private Dictionary<string, int> Asked() => new(Proxy.Asked, StringComparer.Ordinal);

    private Dictionary<string, int> Since(Dictionary<string, int> before) => Asked()
        .Select(asked => (Method: asked.Key, Count: asked.Value - before.GetValueOrDefault(asked.Key)))
        .Where(asked => asked.Count > 0)
        .ToDictionary(asked => asked.Method, asked => asked.Count, StringComparer.Ordinal);

    private static string Text(Dictionary<string, int> asked) =>
        string.Join(", ", asked.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key} {one.Value}"));
}
