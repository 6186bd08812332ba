using System.Collections.Concurrent;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>
/// Callers that publish one envelope after another, every other one a commit, and send nothing again. Each envelope is different.
/// </summary>
internal sealed class CutOverTraffic : IAsyncDisposable
{
    private const int Callers = 6;

    private readonly ConcurrentQueue<ClientEnvelope> _messages = new();
    private readonly ConcurrentQueue<ClientEnvelope> _commits = new();
    private readonly ConcurrentQueue<RpcException> _refusals = new();
    private readonly CancellationTokenSource _ends = new();
    private readonly Task _all;

    public CutOverTraffic(Uri edge) => _all = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => PublishAsync(edge, caller)));

    /// <summary>The messages that were answered.</summary>
    public IReadOnlyCollection<ClientEnvelope> Messages => _messages;

    /// <summary>The commits that were answered.</summary>
    public IReadOnlyCollection<ClientEnvelope> Commits => _commits;

    /// <summary>What was not answered.</summary>
    public IReadOnlyCollection<RpcException> Refusals => _refusals;

    /// <summary>Waits until more messages and more commits are answered.</summary>
    public async Task GoesOnAsync(string what)
    {
        var (messages, commits) = (_messages.Count + (3 * Callers), _commits.Count + (3 * Callers));
        await Eventually.IsAsync(() => _messages.Count >= messages && _commits.Count >= commits, $"publishes are answered {what}");
    }

    /// <summary>Ends the traffic once each call is answered.</summary>
    public async Task StopAsync()
    {
        await _ends.CancelAsync();
        await _all;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _ends.Dispose();
    }

    private async Task PublishAsync(Uri edge, int caller)
    {
        using var client = new GatewayClient(edge, Speaks.Grpc);
        for (var i = 0; !_ends.IsCancellationRequested; i++)
        {
            var (seed, size) = ((byte)(caller + 1), 100 + i);
            var (envelope, answered) = i % 2 == 0
                ? (Envelopes.Commit(seed, size), _commits)
                : (Envelopes.Application(seed, size), _messages);
            try
            {
                await client.PublishAsync(envelope);
                answered.Enqueue(envelope);
            }
            catch (RpcException exception)
            {
                _refusals.Enqueue(exception);
            }
        }
    }
}
