using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Protocol.Wire;
using RpcException = Grpc.Core.RpcException;

namespace Xmtp.Gateway.Bench.Steady;

/// <summary>
/// A client that publishes at a steady rate while somebody else stops, starts and kills gateways. It counts what was
/// answered with an error, sends it again as SDKs do, and at the end looks on the chain: every commit once, none twice.
/// </summary>
internal sealed class SteadyBench : IBenchCommand
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    // Calls that were in flight together fail within this, and a killed gateway is back later than this.
    private static readonly TimeSpan Interruption = TimeSpan.FromSeconds(2);

    private readonly ConcurrentQueue<(long Sent, long Failed, string Error)> _failures = new();
    private readonly ConcurrentBag<string> _commits = [];
    private int _answered;

    public string Name => "steady";

    public string? Summary =>
        "publishes through restarts, each paid once  --url URL --chain URL [--rate 25] [--seconds 60] [--until FILE] " +
        "[--max-interruptions 0]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var plan = SteadyPlan.Read(args);
        using var channel = GrpcChannel.ForAddress(plan.Url);
        var client = new PayerApi.PayerApiClient(channel);
        var total = (long)(plan.Rate * plan.Seconds);
        var calls = new List<Task>();
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1 / plan.Rate));
        while (calls.Count < total && !File.Exists(plan.Until) && await tick.WaitForNextTickAsync(cancellationToken))
            calls.Add(PublishAsync(client, calls.Count % 2 == 0, cancellationToken));
        await Task.WhenAll(calls);
        return await ReportAsync(plan, calls.Count, cancellationToken);
    }

    private async Task PublishAsync(PayerApi.PayerApiClient client, bool isCommit, CancellationToken cancellationToken)
    {
        var envelope = isCommit ? CommitEnvelope.New() : BenchEnvelope.Create(512, []);
        var request = new PublishClientEnvelopesRequest { Envelopes = { envelope } };
        if (isCommit) _commits.Add(Convert.ToHexString(envelope.ToByteArray()));
        var first = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var sent = TimeProvider.System.GetTimestamp();
            try
            {
                await client.PublishClientEnvelopesAsync(
                    request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + CallTimeout, cancellationToken: cancellationToken);
                Interlocked.Increment(ref _answered);
                return;
            }
            catch (RpcException failure)
                when (failure.StatusCode != StatusCode.Cancelled && TimeProvider.System.GetElapsedTime(first) < 2 * CallTimeout)
            {
                _failures.Enqueue((sent, TimeProvider.System.GetTimestamp(), $"{failure.StatusCode}: {failure.Status.Detail}"));
                await Task.Delay(RetryDelay, TimeProvider.System, cancellationToken);
            }
        }
    }

    private async Task<int> ReportAsync(SteadyPlan plan, int total, CancellationToken cancellationToken)
    {
        using var transport = new HttpRpcTransport(plan.Chain);
        var onChain = await CommitsOnChain.CountAsync(new EthereumRpc(transport), cancellationToken);
        var missing = _commits.Count(commit => !onChain.ContainsKey(commit));
        var twice = _commits.Count(commit => onChain.GetValueOrDefault(commit) > 1);
        foreach (var (_, _, error) in _failures) Line($"an error at first: {error}");
        var (interruptions, later) = Interruptions();
        Line(
            $"{_answered} of {total} publishes answered; {_failures.Count} errors on the way: {interruptions} times the calls in flight " +
            $"(at most {plan.MaxInterruptions}), {later} calls sent later (none may be); {_commits.Count} commits: {missing} missing on " +
            $"chain, {twice} there twice");
        return _answered == total && interruptions <= plan.MaxInterruptions && later == 0 && missing == 0 && twice == 0 ? 0 : 1;
    }

    // How often calls in flight failed, and how many failed that were sent after such a failure began.
    private (int Interruptions, int Later) Interruptions()
    {
        var (interruptions, later) = (0, 0);
        var began = long.MinValue;
        foreach (var (sent, failed, _) in _failures.OrderBy(failure => failure.Failed))
        {
            if (interruptions == 0 || TimeProvider.System.GetElapsedTime(began, failed) > Interruption)
            {
                began = failed;
                interruptions++;
            }
            else if (sent > began)
            {
                later++;
            }
        }

        return (interruptions, later);
    }

    private static void Line(string line) => Console.Out.WriteLine(line);
}
