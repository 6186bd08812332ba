using Xmtp.Gateway.AppHost.Network;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Nethereum.DevChains;

namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>Adds an Anvil to the model.</summary>
internal static class AnvilBuilder
{
    // An Anvil with the network's contracts deployed at the addresses of --contracts.environment anvil.
    private const string Registry = "ghcr.io";
    private const string Image = "xmtp/contracts";
    private const string Tag = "v2026.02.10-1";
    private const int ContainerPort = 8545;

    /// <summary>Adds a chain that is healthy once its contracts are ready.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Its name in the dashboard.</param>
    /// <param name="containers">Whether to run it in a container; else it is an executable with stand-in contracts.</param>
    /// <param name="port">The port on this machine.</param>
    public static IResourceBuilder<IAnvilResource> AddAnvil(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, bool containers, int port) =>
        containers ? builder.AddContainer(name, port) : builder.AddProject(name, port);

    private static IResourceBuilder<AnvilContainerResource> AddContainer(this IDistributedApplicationBuilder builder, string name, int port)
    {
        var anvil = builder.AddResource(new AnvilContainerResource(name));
        return anvil
            .WithImage(Image, Tag)
            .WithImageRegistry(Registry)
            .WithContainerRuntimeArgs("--platform", "linux/amd64")
            .WithHttpEndpoint(port: port, targetPort: ContainerPort, name: IAnvilResource.EndpointName)
            .WithChainLink()
            .WithChainCheck(name, anvil.Resource, "no rates in the registry", HasRatesAsync);
    }

    private static IResourceBuilder<AnvilProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, int port)
    {
        var anvil = builder.AddResource(new AnvilProjectResource(name));
        var endpoint = ((IAnvilResource)anvil.Resource).Endpoint;
        return anvil
            .WithAnnotation<IProjectMetadata>(new Projects.Gateway_DevNet())
            .WithProjectDefaults(new ProjectResourceOptions { ExcludeLaunchProfile = true })
            .WithHttpEndpoint(port: port, name: IAnvilResource.EndpointName)
            .WithChainLink()
            .WithArgs("--only", "chain", "--chain-port")
            .WithArgs(context => context.Args.Add(endpoint.Property(EndpointProperty.TargetPort)))
            .WithChainCheck(name, anvil.Resource, "no rates in the registry", HasRatesAsync);
    }

    // Rates are the last part of the contracts' state that a network requires.
    private static async Task<bool> HasRatesAsync(DevChain chain, CancellationToken stoppingToken) =>
        (await new RateRegistryContract(chain.Rpc, ChainAddresses.RateRegistry).GetRatesCountAsync(stoppingToken)).OrThrow() > 0;
}
