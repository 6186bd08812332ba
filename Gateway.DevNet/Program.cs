// A complete local XMTP network: a chain, its contracts, nodes, and a gateway in front. --help lists the options.
using System.Runtime.InteropServices;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Flags;

var line = DevNetCommandLine.Read(args);
if (line.Help || line.Version)
{
    Console.WriteLine(line.Help ? DevNetHelp.Text : HelpText.Version("xmtp-devnet"));
    return 0;
}

IReadOnlyList<string> faults = line.Faults.Count > 0 || line.Options.Only is not null
    ? line.Faults
    : RunningGateway.FlagFaults(line.Options);
if (faults.Count > 0)
{
    foreach (var fault in faults) Console.Error.WriteLine(fault);
    Console.Error.WriteLine("--help lists the options");
    return 2;
}

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
try
{
    await using var network = await DevNetwork.StartAsync(line.Options with { Progress = Console.Error.WriteLine }, stopping.Token);
    Console.WriteLine(Announcement.Ready(network));
    Console.WriteLine(Announcement.Details(network));
    if (line.Scenario)
    {
        await new Scenario(
            network.Chain,
            network.Payer.Address,
            Scenario.OtherPayer,
            [.. network.Nodes.Select(node => node.Id)],
            Console.Error.WriteLine,
            TimeProvider.System)
            .PlayAsync(TimeSpan.FromSeconds(2), stopping.Token);
    }
    await Task.Delay(Timeout.Infinite, stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
    Console.Error.WriteLine("stopping");
    return 0;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    return 0;
}
catch (Exception exception) when (exception is DevNetException or AnvilException or GatewayStartException)
{
    Console.Error.WriteLine(exception.Message);
    return exception switch { GatewayStartException gateway => gateway.ExitCode, DevNetException network => network.ExitCode, _ => 1 };
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
