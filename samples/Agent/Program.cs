// An agent with the gateway inside: one console program, no web host, no Redis. On the local network (dotnet run --project
// Gateway.DevNet) it needs nothing; PAYER_PRIVATE_KEY and CHAIN_RPC_URL name another payer and another local chain.
using System.Runtime.InteropServices;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Samples.Agent;

// The fourth of Anvil's well-known accounts; never use it elsewhere.
const string TestKey = "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6";

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    await using var gateway = await XmtpGateway.StartAsync(
        new XmtpGatewayOptions
        {
            PayerPrivateKey = Environment.GetEnvironmentVariable("PAYER_PRIVATE_KEY") ?? TestKey,
            AppChainRpcUrl = Environment.GetEnvironmentVariable("CHAIN_RPC_URL") is { Length: > 0 } url ? new Uri(url) : null,
        },
        stopping.Token);
    Console.WriteLine($"the gateway is at {gateway.Url}, and {gateway.Payer} pays");

    using var agent = await EchoAgent.ConnectAsync(gateway.Url, stopping.Token);
    Console.WriteLine($"the agent answers what is sent to {agent.Address}");
    await agent.AnswerAsync(stopping.Token);

    var stats = gateway.Stats;
    Console.WriteLine($"published {stats.Published} messages for ${stats.Spent.ToDollars()}");
    return 0;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    return 0;
}
catch (GatewayStartException exception)
{
    Console.Error.WriteLine(exception.Message);
    return exception.ExitCode;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
