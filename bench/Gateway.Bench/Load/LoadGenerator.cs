using System.Text.Json;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Load;

/// <summary>The process that calls: it reads a <see cref="LoadWindow"/> a line and answers with <see cref="LoadFigures"/>.</summary>
internal sealed class LoadGenerator : IBenchCommand
{
    public string Name => "load";

    public string? Summary => null;

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        Console.Out.WriteLine("ready");
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            var window = JsonSerializer.Deserialize<LoadWindow>(line)!;
            Console.Out.WriteLine(JsonSerializer.Serialize(await MeasureAsync(window, cancellationToken)));
        }
        return 0;
    }

    private static async Task<LoadFigures> MeasureAsync(LoadWindow window, CancellationToken cancellationToken)
    {
        using var target = new LoadTarget(window);
        using var cpu = new CpuClock(window.ServerId);
        using var redis = window.RedisId > 0 ? new CpuClock(window.RedisId) : null;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = window.CallsPerSecond > 0
            ? OpenLoop.RunAsync(window, target, stopping.Token)
            : ClosedLoop.RunAsync(window, target, stopping.Token);
        await WaitAsync(window.RampSeconds, cancellationToken);

        var allocatedBefore = await AllocatedAsync(window, cancellationToken);
        var (cpuBefore, redisBefore) = (cpu.Read(), redis?.Read() ?? default);
        var start = target.Record.Open();
        await WaitAsync(window.Seconds, cancellationToken);
        var elapsed = target.Record.Close(start);
        var (cpuUsed, redisUsed) = (cpu.Read() - cpuBefore, (redis?.Read() ?? default) - redisBefore);
        var allocated = await AllocatedAsync(window, cancellationToken) - allocatedBefore;

        await stopping.CancelAsync();
        await running;
        return target.Record.Figures(elapsed, cpuUsed, allocated, redisUsed);
    }

    private static Task<long> AllocatedAsync(LoadWindow window, CancellationToken cancellationToken) =>
        window.ReadsAllocations ? AllocationReader.ReadAsync(window.AllocationPort, cancellationToken) : Task.FromResult(0L);

    private static Task WaitAsync(double seconds, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken);
}
