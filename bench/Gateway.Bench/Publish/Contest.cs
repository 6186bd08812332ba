using System.Text.Json;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>Puts servers under the same load in turn, A B A B, and takes medians: the machine's other work hits all alike.</summary>
internal sealed class Contest(ChildProcess generator)
{
    private const int MaxTries = 4;
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(60);

    /// <summary>Measures each server in each round.</summary>
    /// <returns>The figures, in the order of the servers.</returns>
    /// <exception cref="BenchFailure">A call failed: figures with failures in them mean nothing.</exception>
    public async Task<ServerFigures[]> RunAsync(
        LoadWindow window, int rounds, CancellationToken cancellationToken, params ServerUnderTest[] servers)
    {
        var figures = servers.Select(_ => new List<LoadFigures>(rounds)).ToArray();
        for (var round = 0; round < rounds; round++)
            for (var i = 0; i < servers.Length; i++)
                figures[i].Add(await MeasureAsync(window, servers[i], cancellationToken));
        return [.. figures.Select(seen => Summarize(seen, window.EnvelopesPerCall))];
    }

    // A machine that is very busy may not answer a call within a short window; a longer one is measured then.
    private async Task<LoadFigures> MeasureAsync(LoadWindow window, ServerUnderTest server, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var figures = await MeasureOnceAsync(window, server, cancellationToken);
            if (figures.Calls > 0) return figures;
            if (tries == MaxTries)
                throw new BenchFailure($"{server.Process.Name}: no call was answered\n{await server.Process.LastLinesAsync()}");
            window = window with { Seconds = 2 * window.Seconds };
        }
    }

    private async Task<LoadFigures> MeasureOnceAsync(LoadWindow window, ServerUnderTest server, CancellationToken cancellationToken)
    {
        var order = window with
        {
            Url = server.Url,
            ServerId = server.Process.Id,
            IsGateway = server.IsGateway,
            AllocationPort = server.AllocationPort,
            RedisId = server.RedisId,
        };
        await generator.WriteLineAsync(JsonSerializer.Serialize(order));
        var figures = await ReadAsync(window, server, cancellationToken);
        if (figures.Failures == 0) return figures;
        throw new BenchFailure(
            $"{server.Process.Name}: {figures.Failures} calls failed; the first: {figures.FirstFailure}\n" +
            await server.Process.LastLinesAsync());
    }

    // The generator waits for the calls in flight, and ends when the server does.
    private async Task<LoadFigures> ReadAsync(LoadWindow window, ServerUnderTest server, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(TimeSpan.FromSeconds(window.RampSeconds + window.Seconds) + MaxDelay);
        try
        {
            if (await generator.ReadLineAsync(late.Token) is { } line) return JsonSerializer.Deserialize<LoadFigures>(line)!;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchFailure($"{server.Process.Name} does not answer:\n{server.Process.LastLines}");
        }

        throw server.Process.HasExited
            ? new BenchFailure($"{server.Process.Name} ended under load:\n{await server.Process.LastLinesAsync()}")
            : new BenchFailure($"the load generator ended:\n{await generator.LastLinesAsync()}");
    }

    private static ServerFigures Summarize(List<LoadFigures> seen, int envelopesPerCall) => new(
        Medians.Of(seen.Select(one => one.Calls * envelopesPerCall / one.Seconds)),
        Medians.Of(seen.Select(one => one.ServerCpuSeconds * 1e6 / (one.Calls * envelopesPerCall))),
        Medians.Of(seen.Select(one => (double)one.AllocatedBytes / (one.Calls * envelopesPerCall))),
        Medians.Of(seen.Select(one => one.P50Milliseconds)),
        Medians.Of(seen.Select(one => one.P99Milliseconds)),
        Medians.Of(seen.Select(one => one.RedisCpuSeconds * 1e6 / (one.Calls * envelopesPerCall))));
}
