using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>What a batch of many topics asks of the chain's endpoint, and what it writes to the log.</summary>
public sealed class LargeBatchTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private const int MaxQuestions = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<ISigner> RichAsync(byte seed)
    {
        var signer = Payers.Signer(seed);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1000), Cancel);
        return signer;
    }

    private static ClientEnvelope[] Commits(int count, Func<int, int> size) =>
        [.. Enumerable.Range(0, count).Select(i => Envelopes.Commit((byte)i, size(i)))];

    [Fact]
    public async Task Commits_of_one_size_on_many_topics_make_one_estimate()
    {
        var estimates = 0;
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Fault = (method, _, forward) =>
        {
            if (method == "eth_estimateGas") Interlocked.Increment(ref estimates);
            return RpcProxy.Pass(forward);
        };
        await using var gateway = await TestFlow.StartAsync(proxy.Url, await RichAsync(120));
        Assert.All(await gateway.PublishAsync(Commits(60, _ => 100)), outcome => Assert.Null(outcome.Error));
        Assert.Equal(1, estimates);
    }

    [Fact]
    public async Task Estimates_of_many_sizes_are_requested_with_bounded_parallelism()
    {
        var (gate, sync, now, most, all) = (new TaskCompletionSource(), new Lock(), 0, 0, 0);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Fault = async (method, _, forward) =>
        {
            if (method != "eth_estimateGas") return await forward();
            lock (sync) (all, most) = (all + 1, Math.Max(most, ++now));
            await gate.Task;
            lock (sync) now--;
            return await RpcProxy.Error(-32603, "no estimate today");
        };
        await using var gateway = await TestFlow.StartAsync(
            proxy.Url, await RichAsync(121), options: TestFlow.Quick with { RpcTimeout = TimeSpan.FromMinutes(2) });
        var publishes = gateway.PublishAsync(Commits(40, i => 100 + (i * i * 40)));
        await Eventually.IsAsync(() => { lock (sync) return now >= MaxQuestions; }, "as many estimates as may be are asked for");
        gate.SetResult();
        Assert.All(await publishes, outcome => Assert.NotNull(outcome.Error));
        Assert.Equal(MaxQuestions, most);
        Assert.InRange(all, MaxQuestions + 1, 40);
    }

    [Fact]
    public async Task A_batch_that_fails_logs_one_line_and_makes_one_request()
    {
        var estimates = 0;
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Fault = (method, _, forward) => method != "eth_estimateGas" ? RpcProxy.Pass(forward)
            : Interlocked.Increment(ref estimates) > 0 ? RpcProxy.Error(-32603, "no estimate today") : Task.FromResult<string?>(null);
        using var logs = new CapturedLogs();
        using var loggers = LoggerFactory.Create(log => log.AddProvider(logs));
        await using var gateway = await TestFlow.StartAsync(proxy.Url, await RichAsync(122), logs: loggers);
        Assert.All(await gateway.PublishAsync(Commits(200, _ => 100)), outcome => Assert.NotNull(outcome.Error));
        Assert.All(await gateway.PublishAsync(Commits(200, _ => 100)), outcome => Assert.NotNull(outcome.Error));
        var line = Assert.Single(
            logs.Lines, line => line.StartsWith("Warning Xmtp.Gateway.AppChain.AppChainPublisher", StringComparison.Ordinal));
        Assert.Contains(
            "200 envelopes of a request were not published on the App Chain, the first is envelope 0", line, StringComparison.Ordinal);
        Assert.InRange(estimates, 1, 40);
    }

    [Fact]
    public async Task A_refusal_of_one_payload_is_not_the_refusal_of_another_of_its_size()
    {
        var refused = 0;
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Fault = (method, _, forward) =>
            method == "eth_estimateGas" && Interlocked.Increment(ref refused) == 1
                ? RpcProxy.Error(3, "execution reverted")
                : RpcProxy.Pass(forward);
        await using var gateway = await TestFlow.StartAsync(proxy.Url, await RichAsync(123));
        var outcomes = await gateway.PublishAsync(Commits(20, _ => 100));
        Assert.Single(outcomes, outcome => outcome.Error is not null);
    }
}
