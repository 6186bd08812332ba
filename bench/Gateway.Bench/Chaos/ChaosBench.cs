using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Publishes while a seeded schedule of faults runs, and then compares every answer with the chain and the nodes. It
/// exits with 1 on a violation; the seed repeats the schedule.
/// </summary>
internal sealed class ChaosBench : IBenchCommand
{
    private static readonly TimeSpan MaxHeal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxDrain = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan MaxPending = TimeSpan.FromSeconds(60);

    public string Name => "chaos";

    public string? Summary =>
        "publishes under injected faults, and checks each answer  [--seed N] [--minutes 2 | --publishes N] [--rate 20] [--gateways 3] " +
        "[--faults A,B] [--redis alone|sentinel|cluster] [--payers N [--senders N]] [--clock SECONDS] [--other xmtp-gateway.dll] " +
        "[--gateway-flags \"--A B\"]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var plan = ChaosPlan.Read(args);
        Progress($"seed {plan.Seed}; repeat the schedule with --seed {plan.Seed}");
        Progress(Clocks(plan));
        await using var stage = await ChaosStage.StartAsync(plan, cancellationToken);
        using var callers = new ChaosCallers(stage.Urls, stage.Identities, hasTopics: plan.Payers > 0);
        using var loading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var draining = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await callers.PublishEverywhereAsync(cancellationToken);
        var load = callers.RunAsync(plan.Rate, loading.Token, draining.Token);
        var faults = await InjectAsync(stage, plan, callers, cancellationToken);

        List<string> violations = [];
        if (!IsEnough(plan, callers))
            violations.Add($"{callers.Answered} publishes were answered within {plan.MaxDuration}, of {plan.Publishes} that had to be");
        await stage.RestoreAsync(cancellationToken);
        await HealAsync(callers, violations, cancellationToken);
        await loading.CancelAsync();
        draining.CancelAfter(MaxDrain);
        try
        {
            await load;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            violations.Add($"some publishes were not answered within {MaxDrain.TotalSeconds} s after the faults");
        }

        await CheckNoncesAsync(stage, violations, cancellationToken);
        var report = new ChaosReport(plan, faults, stage, callers.History);
        violations.AddRange(await report.CheckAsync(cancellationToken));
        report.Write(violations);
        return violations.Count == 0 ? 0 : 1;
    }

    private static string Clocks(ChaosPlan plan) => plan.ClockOf(plan.Gateways - 1).TotalSeconds switch
    {
        0 when ChaosClock.Library is null => "all clocks are the same: libfaketime is not installed",
        0 => "all clocks are the same",
        var seconds => FormattableString.Invariant(
            $"the clock of gateway {plan.Gateways - 1} is {Math.Abs(seconds)} s {(seconds > 0 ? "ahead" : "behind")}"),
    };

    private static bool IsEnough(ChaosPlan plan, ChaosCallers callers) => plan.Publishes is null || callers.Answered >= plan.Publishes;

    // Until the schedule ends, or enough was answered.
    private static async Task<int> InjectAsync(
        ChaosStage stage, ChaosPlan plan, ChaosCallers callers, CancellationToken cancellationToken)
    {
        var schedule = ChaosSchedule.Of(plan);
        var began = stage.FaultsBeganAt = TimeProvider.System.GetTimestamp();
        var running = new Dictionary<(ChaosTarget Target, int Number), Task>();
        var count = 0;
        foreach (var fault in schedule)
        {
            var wait = fault.At - TimeProvider.System.GetElapsedTime(began);
            if (wait > TimeSpan.Zero) await ChaosFault.WaitAsync(wait, cancellationToken);
            if (plan.Publishes is not null && IsEnough(plan, callers)) break;
            if (running.GetValueOrDefault((fault.Fault.Target, fault.Target)) is { IsCompletedSuccessfully: false } earlier)
            {
                // On a slow machine a gateway may take longer to stop and start than the schedule gives it.
                if (earlier.IsFaulted) await earlier;
                Progress($"{fault}: left out, an earlier fault of the same target has not ended");
                continue;
            }

            Progress($"{fault}");
            running[(fault.Fault.Target, fault.Target)] = RunAsync(fault, stage, cancellationToken);
            count++;
        }

        await Task.WhenAll(running.Values);
        return count;
    }

    private static async Task RunAsync(ScheduledFault fault, ChaosStage stage, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        await fault.Fault.RunAsync(stage, fault.Target, fault.Duration, cancellationToken);
        var span = new ChaosSpan(began, TimeProvider.System.GetTimestamp());
        if (fault.Fault.Reorganizes) stage.Reorganizations.Enqueue(span);
        if (fault.Fault.Interrupts) stage.Interruptions.Enqueue(span);
        if (fault.Fault.Stops) stage.Stops.Enqueue((fault.Target, span));
    }

    // Every gateway publishes both kinds again, and none was started again for it.
    private static async Task HealAsync(ChaosCallers callers, List<string> violations, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(MaxHeal);
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            await callers.PublishEverywhereAsync(timeout.Token);
            var took = TimeProvider.System.GetElapsedTime(began);
            Progress(FormattableString.Invariant($"every gateway publishes again after {took.TotalSeconds:F1} s"));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            violations.Add($"a gateway does not publish within {MaxHeal.TotalSeconds} s after the faults");
        }
    }

    private static async Task CheckNoncesAsync(ChaosStage stage, List<string> violations, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            List<string> found = [];
            foreach (var account in stage.Payers.Accounts)
            {
                var mined = await CountAsync(stage, account, BlockTag.Latest, cancellationToken);
                var pending = await CountAsync(stage, account, BlockTag.Pending, cancellationToken);
                if (mined != pending) found.Add($"{pending - mined} transactions of {account} are still pending");
            }

            // Where Redis lost nonces, a later one may be used before an earlier one is given out again.
            var waiting = stage.Store.Lost.Count > 0 ? 0 : await WaitingAsync(stage, cancellationToken);
            if (waiting > 0) found.Add($"{waiting} transactions still wait behind a nonce that nobody uses");
            if (found.Count == 0) return;
            if (TimeProvider.System.GetElapsedTime(began) > MaxPending)
            {
                violations.AddRange(found.Select(what => $"{what} {MaxPending.TotalSeconds} s after the faults"));
                return;
            }

            await ChaosFault.WaitAsync(TimeSpan.FromMilliseconds(500), cancellationToken);
        }
    }

    private static async Task<ulong> CountAsync(
        ChaosStage stage, EthereumAddress account, BlockTag block, CancellationToken cancellationToken) =>
        (await stage.Chain.Rpc.GetTransactionCountAsync(account, block, cancellationToken)).OrThrow();

    // The chain counts them apart from those that it can mine.
    private static async Task<ulong> WaitingAsync(ChaosStage stage, CancellationToken cancellationToken) => (await stage.Chain.Rpc.AskAsync(
        "txpool_status", [], status => RpcValue.UInt64(RpcValue.Member(status, "queued"u8)), cancellationToken)).OrThrow();

    private static void Progress(string text) => Console.Error.WriteLine(text);
}
