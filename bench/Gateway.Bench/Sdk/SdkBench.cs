using System.Text.Json;
using Xmtp.Gateway.DevNet;

namespace Xmtp.Gateway.Bench.Sdk;

/// <summary>
/// Clients of the Node SDK: what a message between two waits for and how much of it is the gateway, and the load of a chat app.
/// </summary>
internal sealed class SdkBench : IBenchCommand
{
    private const int Messages = 200;

    public string Name => "sdk";

    public string Summary => "Messages between two SDK clients, the gateway's share of them, and the load of a chat app. --quick, --json.";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var packages = await SdkPackages.InstallAsync(cancellationToken);
        await using var network = await DevNetwork.StartAsync(new DevNetOptions { Progress = Console.Error.WriteLine }, cancellationToken);
        using var times = new GatewayTimes();
        Console.Error.WriteLine($"sending {Messages} messages");
        var run = await SpeedScript.RunAsync(packages, network.Gateway, Messages, times.Clear, cancellationToken);
        var own = times.Take();
        var load = await LoadScript.RunAsync(packages, network.Gateway, args.Contains("--quick"), cancellationToken);
        var report = SdkReport.Of(packages.Choice, run, own, load);
        Console.WriteLine(args.Contains("--json") ? JsonSerializer.Serialize(report) : report.ToTable());
        return 0;
    }
}
