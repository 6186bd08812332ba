using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet;

/// <summary>
/// Simulates the events of a network's life, for watchers, dashboards and alerts: deposits, reports and their
/// settlement, a withdrawal, new prices, a pause, a node that leaves and returns, and a reorganization.
/// </summary>
/// <param name="chain">A chain with the stand-in contracts.</param>
/// <param name="payer">
/// The payer whose balance gets deposits and charges. It sends nothing: a gateway takes transactions of its wallet that it did not
/// send for those of another sender.
/// </param>
/// <param name="other">A payer that withdraws; an account that the chain signs for.</param>
/// <param name="nodes">The ids of the nodes; the last one leaves for a while, unless it is the only one.</param>
/// <param name="progress">Receives each event, one line at a time.</param>
/// <param name="time">The clock of the prices' start times.</param>
public sealed class Scenario(
    DevChain chain, EthereumAddress payer, EthereumAddress other, IReadOnlyList<uint> nodes, Action<string> progress, TimeProvider time)
{
    /// <summary>Which of Anvil's accounts is the other payer of the program: the ninth, which nothing else uses.</summary>
    internal static readonly EthereumAddress OtherPayer = EthereumAddress.Parse("0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f");

    private static readonly Microdollars Deposit = new(25_000_000);
    private static readonly Microdollars Usage = new(1_250_000);
    private static readonly Microdollars Withdrawal = new(2_000_000);
    private const ulong MinMessageFee = 10_000_000;
    private const ulong MaxMessageFee = 14_000_000;

    /// <summary>Plays rounds until the token is cancelled.</summary>
    /// <param name="pause">The time between two steps.</param>
    /// <param name="cancellationToken">Ends the scenario.</param>
    public async Task PlayAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        while (true) await PlayRoundAsync(pause, cancellationToken);
    }

    /// <summary>Plays one round. Afterwards nodes and broadcasters are in their former state.</summary>
    public async Task PlayRoundAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        foreach (var (what, step) in Steps())
        {
            progress($"scenario: {what}");
            await step(cancellationToken);
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private IEnumerable<(string What, Func<CancellationToken, Task> Step)> Steps()
    {
        yield return ($"{payer} deposits {Deposit}", stoppingToken => chain.DepositAsync(payer, Deposit, stoppingToken));
        foreach (var node in nodes)
        {
            yield return ($"a payer report of node {node} is submitted", stoppingToken => SubmitAsync(node, stoppingToken));
            yield return ($"it is settled, and charges {Usage}", stoppingToken => SettleAsync(node, stoppingToken));
        }

        yield return ($"{other}, another payer, deposits {Deposit}", stoppingToken => chain.DepositAsync(other, Deposit, stoppingToken));
        yield return ($"{other} begins to withdraw {Withdrawal}", stoppingToken => chain.RequestWithdrawalAsync(
            other, Withdrawal, stoppingToken));
        yield return ("and cancels it", stoppingToken => chain.CancelWithdrawalAsync(other, stoppingToken));
        yield return ("messages get more expensive or cheaper", ChangeRatesAsync);
        yield return ("group messages are paused", stoppingToken => chain.SetPausedAsync(
            ChainAddresses.GroupMessageBroadcaster, true, stoppingToken));
        yield return ("and go on", stoppingToken => chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, false, stoppingToken));
        if (nodes.Count > 1)
        {
            yield return ($"node {nodes[^1]} leaves the network", stoppingToken => chain.RemoveFromNetworkAsync(nodes[^1], stoppingToken));
            yield return ("and comes back", stoppingToken => chain.AddToNetworkAsync(nodes[^1], stoppingToken));
        }

        yield return ($"{payer} deposits {Deposit} once more", stoppingToken => chain.DepositAsync(payer, Deposit, stoppingToken));
        yield return ("and a reorganization removes that block", stoppingToken => chain.ReorganizeAsync(1, stoppingToken));
    }

    private async Task SubmitAsync(uint node, CancellationToken stoppingToken)
    {
        var reports = await ReportsAsync(node, stoppingToken);
        var last = reports.Count == 0 ? 0 : reports[^1].EndSequenceId;
        var minute = (uint)(time.GetUtcNow().ToUnixTimeSeconds() / 60);
        await chain.SubmitReportAsync(
            node, last, last + 100, minute, Bytes32.Parse("0x" + new string('5', 64)), nodes, nodes, stoppingToken);
    }

    private async Task SettleAsync(uint node, CancellationToken stoppingToken)
    {
        var report = (await ReportsAsync(node, stoppingToken))[^1];
        await chain.SettleReportAsync(node, (ulong)report.PayerReportIndex, 1, [(payer, Usage)], stoppingToken);
    }

    private async Task<IReadOnlyList<PayerReportSubmitted>> ReportsAsync(uint node, CancellationToken stoppingToken)
    {
        var filter = new LogFilter
        {
            Addresses = [ChainAddresses.PayerReportManager],
            Topics = [[PayerReportManagerContract.PayerReportSubmittedTopic]],
            FromBlock = BlockTag.Earliest,
            ToBlock = BlockTag.Latest,
        };
        var logs = (await chain.Rpc.GetLogsAsync(filter, stoppingToken)).OrThrow();
        return [.. logs.Select(log => PayerReportManagerContract.TryReadPayerReportSubmitted(log, out var report) ? report : null)
            .OfType<PayerReportSubmitted>()
            .Where(report => report.OriginatorNodeId == node)];
    }

    // Start times must rise, so the new prices start at least 1 s after the last ones; and they must differ from those.
    private async Task ChangeRatesAsync(CancellationToken stoppingToken)
    {
        var registry = new RateRegistryContract(chain.Rpc, ChainAddresses.RateRegistry);
        var count = (await registry.GetRatesCountAsync(stoppingToken)).OrThrow();
        var last = count == 0 ? null : (await registry.GetRatesAsync(count - 1, 1, stoppingToken)).OrThrow()[0];
        var start = Math.Max((ulong)time.GetUtcNow().ToUnixTimeSeconds(), (last?.StartTime ?? 0) + 1);
        var fee = last?.MessageFee is { } paid and < MaxMessageFee ? paid + 2_000_000 : MinMessageFee;
        await chain.AddRatesAsync(
            new Rates(fee, last?.StorageFee ?? 300, last?.CongestionFee ?? 5_000_000, last?.TargetRatePerMinute ?? 6_000, start),
            stoppingToken);
    }
}
