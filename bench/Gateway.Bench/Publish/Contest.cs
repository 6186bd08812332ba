using System.Text.Json;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>Puts servers under the same load in turn, A B A B, and takes medians: the machine's other work hits all alike.</summary>
internal sealed class Contest(ChildProcess generator)
{
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
        return [.. figures.Select(seen => Medians(seen, window.EnvelopesPerCall))];
    }

    private async Task<LoadFigures> MeasureAsync(LoadWindow window, ServerUnderTest server, CancellationToken cancellationToken)
    {
        var order = window with
        {
            Url = server.Url,
            ServerId = server.Process.Id,
            IsGateway = server.IsGateway,
            AllocationPort = server.AllocationPort,
        };
        await generator.WriteLineAsync(JsonSerializer.Serialize(order));
        var line = await generator.ReadLineAsync(cancellationToken)
            ?? throw new BenchFailure($"the load generator ended:\n{generator.LastLines}");
        var figures = JsonSerializer.Deserialize<LoadFigures>(line)!;
        if (figures.Failures == 0) return figures;
        throw new BenchFailure($"{figures.Failures} calls failed; the first: {figures.FirstFailure}\n{server.Process.LastLines}");
    }

    private static ServerFigures Medians(List<LoadFigures> seen, int envelopesPerCall) => new(
        Median(seen, one => one.Calls * envelopesPerCall / one.Seconds),
        Median(seen, one => one.ServerCpuSeconds * 1e6 / (one.Calls * envelopesPerCall)),
        Median(seen, one => (double)one.AllocatedBytes / (one.Calls * envelopesPerCall)),
        Median(seen, one => one.P50Milliseconds),
        Median(seen, one => one.P99Milliseconds));

    private static double Median(List<LoadFigures> seen, Func<LoadFigures, double> figure)
    {
        var sorted = seen.Select(figure).Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
