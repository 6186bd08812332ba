// The application model of the gateway and its dependencies. `dotnet run --project Gateway.AppHost` runs it on this
// machine, with or without containers; docs/deploy.md describes how to deploy it. AppHostOptions reads --network,
// --replicas, --redis, --containers and --target.
using Xmtp.Gateway.AppHost;
using Xmtp.Gateway.AppHost.Anvil;
using Xmtp.Gateway.AppHost.Deployment;
using Xmtp.Gateway.AppHost.Network;
using Xmtp.Gateway.AppHost.Store;
using Xmtp.Gateway.AppHost.Terminal;

StartFaults.WriteAsLines();
var options = AppHostOptions.Read(args);
var builder = DistributedApplication.CreateBuilder(args);
var containers = builder.FindContainerRuntime(options);

var redis = builder.AddSharedStore("redis", options, containers).WithStoreLink();
var payer = builder.AddPayerKey("payer-private-key", options);
var payerAddress = builder.AddPayerAddress("payer-address", options);

var gateway = builder.AddProject<Projects.Gateway_Api>("gateway", launchProfileName: null)
    .WithGatewayPorts()
    .WithGatewayLinks()
    .WithDeveloperCommands()
    .WithEnvironment("XMTPD_PAYER_PRIVATE_KEY", payer)
    .WithReference(redis)
    .WithPublishRules()
    .WithReplicas(options.Replicas)
    .WaitFor(redis);

var watcher = builder.AddProject<Projects.Gateway_ChainWatcher>("watcher", launchProfileName: null)
    .WithMetricsPort()
    .WithWatcherLinks()
    .WithEnvironment("XMTPD_WATCHER_PAYER_ADDRESS", payerAddress)
    .WithReference(redis)
    .WaitFor(redis);

if (builder.RunsLocalNetwork(options))
{
    var anvil = builder.AddAnvil("anvil", containers, port: 8545).WithDeveloperCommands();
    var nodes = builder.AddNodes("nodes", anvil).WithNodesLink(watcher);
    watcher.WithChains(anvil).WithNodeWatch().WaitFor(anvil);
    gateway.WithChains(anvil).ShowsEventsOf(watcher).WaitFor(nodes);
}
else
{
    var chains = builder.AddChainParameters(options);
    watcher.WithChains(chains);
    gateway.WithChains(chains);
}

builder.WithPortCheck().WithFailureReports().Build().Run();
