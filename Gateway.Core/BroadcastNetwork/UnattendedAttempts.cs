using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Attempts that are read to their end after their callers left: they count in the bytes in flight of their identity,
/// and a stop waits for them.
/// </summary>
internal sealed class UnattendedAttempts : IHostedService
{
    private readonly ConcurrentDictionary<Task, string?> _running = new();
    private readonly IHeldBytes? _bytes;
    private long _held;

    public UnattendedAttempts(IMeterFactory meters, IHeldBytes? bytes = null)
    {
        _bytes = bytes;
        meters.Create("Xmtp.Gateway.Publishing").CreateObservableGauge(
            "xmtp_gateway_unattended_attempts",
            () => _running.Count,
            description: "Attempts at nodes that continue after their callers have left");
    }

    /// <summary>The number of attempts running now.</summary>
    internal int Count => _running.Count;

    /// <summary>The number of bytes that they hold now.</summary>
    internal long Bytes => Volatile.Read(ref _held);

    /// <summary>Whether attempts of callers of this payer are running now.</summary>
    internal bool HasOf(string payer) => _running.Any(one => string.Equals(one.Value, payer, StringComparison.Ordinal));

    /// <summary>Counts an attempt until it ends.</summary>
    /// <param name="caller">Its caller; null when it is not known.</param>
    /// <param name="size">The bytes that it holds.</param>
    /// <param name="attempt">Completes with the attempt, and never throws.</param>
    internal void Add(ClientIdentity? caller, int size, Task attempt)
    {
        var place = _bytes?.Hold(caller, size);
        Interlocked.Add(ref _held, size);
        _running[attempt] = caller?.Payer;
        _ = attempt.ContinueWith(
            _ =>
            {
                _running.TryRemove(attempt, out var _);
                Interlocked.Add(ref _held, -size);
                place?.Dispose();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_running.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
