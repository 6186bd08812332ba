using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
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

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentBag<string> _commits = [];
    private int _answered;

    public string Name => "steady";

    public string? Summary =>
        "publishes through restarts, each paid once  --url URL --chain URL [--rate 25] [--seconds 60] [--until FILE] [--max-failures 0]";

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
        var sent = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await client.PublishClientEnvelopesAsync(
                    request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + CallTimeout, cancellationToken: cancellationToken);
                Interlocked.Increment(ref _answered);
                return;
            }
            catch (RpcException failure)
                when (failure.StatusCode != StatusCode.Cancelled && TimeProvider.System.GetElapsedTime(sent) < 2 * CallTimeout)
            {
                _failures.Enqueue($"{failure.StatusCode}: {failure.Status.Detail}");
                await Task.Delay(RetryDelay, TimeProvider.System, cancellationToken);
            }
        }
    }

    private async Task<int> ReportAsync(SteadyPlan plan, int total, CancellationToken cancellationToken)
    {
        using var transport = new HttpRpcTransport(plan.Chain);
        var filter = new LogFilter { Addresses = [ChainAddresses.GroupMessageBroadcaster], FromBlock = BlockTag.Earliest };
        var logs = (await new EthereumRpc(transport).GetLogsAsync(filter, cancellationToken)).OrThrow();
        var onChain = logs.Select(log => GroupMessageBroadcasterContract.TryReadMessageSent(log, out var sent) ? sent : null)
            .OfType<MessageSent>()
                .GroupBy(sent => Convert.ToHexString(sent.Message.Span)).ToDictionary(group => group.Key, group => group.Count());
        var missing = _commits.Count(commit => !onChain.ContainsKey(commit));
        var twice = _commits.Count(commit => onChain.GetValueOrDefault(commit) > 1);
        foreach (var failure in _failures) Line($"an error at first: {failure}");
        Line(
            $"{_answered} of {total} publishes answered, {_failures.Count} errors on the way (at " +
            $"most {plan.MaxFailures}); {_commits.Count} commits: {missing} missing on chain, {twice} there twice");
        return _answered == total && _failures.Count <= plan.MaxFailures && missing == 0 && twice == 0 ? 0 : 1;
    }

    private static void Line(string line) => Console.Out.WriteLine(line);
}
