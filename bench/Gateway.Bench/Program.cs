using System.Runtime.InteropServices;
using Xmtp.Gateway.Bench;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Chaos;
using Xmtp.Gateway.Bench.Coalesce;
using Xmtp.Gateway.Bench.ColdStart;
using Xmtp.Gateway.Bench.Hostile;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Payers;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Rest;
using Xmtp.Gateway.Bench.Scaling;
using Xmtp.Gateway.Bench.Sdk;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Bench.Soak;
using Xmtp.Gateway.Bench.Steady;
using Xmtp.Gateway.Bench.Versus;
using Xmtp.Gateway.Bench.Watch;

IBenchCommand[] commands =
[
    new VersusBench(),
    new PublishBench(), new CoalesceBench(), new CompareBench(), new AuthorizeBench(), new HostileBench(), new WatchBench(),
    new ChainBench(), new SdkBench(), new RedisBench(), new SteadyBench(), new ChaosBench(), new SoakBench(), new RestBench(),
    new PayersBench(), new ApartBench(),
    new NodeServer(), new ProxyServer(), new LoadGenerator(), new Attacker(), new StartBench(), new PayersGateway(),
];

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

if (args is not [var name, .. var rest] || commands.FirstOrDefault(command => command.Name == name) is not { } chosen)
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project bench/Gateway.Bench -- <measurement>");
    foreach (var command in commands.Where(command => command.Summary is not null))
        Console.Error.WriteLine($"  {command.Name,-10} {command.Summary}");
    return 2;
}

// What measures for minutes without a line looks stuck. The programs that a measurement starts have no summary.
using var shows = Console.IsErrorRedirected || chosen.Summary is null ? null : Elapsed.Show(chosen.Name);
try
{
    return await chosen.RunAsync(rest, stopping.Token);
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    return 130;
}
catch (BenchFailure failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopping.Cancel();
}
