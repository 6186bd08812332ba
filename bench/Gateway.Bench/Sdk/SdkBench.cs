using System.Text.Json;
using Xmtp.Gateway.DevNet;

namespace Xmtp.Gateway.Bench.Sdk;

/// <summary>Two clients of the Node SDK and one conversation: what a message waits for, and how much of it is the gateway.</summary>
internal sealed class SdkBench : IBenchCommand
{
    private const int Messages = 200;

    public string Name => "sdk";

    public string Summary => "Messages between two SDK clients: how long each takes, and the gateway's share of it. --json.";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        await using var network = await DevNetwork.StartAsync(new DevNetOptions { Progress = Console.Error.WriteLine }, cancellationToken);
        using var times = new GatewayTimes();
        Console.Error.WriteLine($"sending {Messages} messages");
        var run = await SpeedScript.RunAsync(network.Gateway, Messages, times.Clear, cancellationToken);
        var report = SdkReport.Of(run, times.Take());
        Console.WriteLine(args.Contains("--json") ? JsonSerializer.Serialize(report) : report.ToTable());
        return 0;
    }
}
