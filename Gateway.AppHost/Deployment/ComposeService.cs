using Aspire.Hosting.Docker.Resources.ServiceNodes;

namespace Xmtp.Gateway.AppHost.Deployment;

/// <summary>What a Compose file says of a service beyond its image and variables.</summary>
internal static class ComposeService
{
    /// <summary>Restarts it, checks it with its own <c>healthcheck</c>, lets it drain, and opens its ports on the host.</summary>
    public static IResourceBuilder<ProjectResource> AsComposeService(this IResourceBuilder<ProjectResource> builder, DeployedService shape) =>
        builder.PublishAsDockerComposeService((_, service) =>
        {
            service.Restart = "unless-stopped";
            service.StopGracePeriod = "45s";
            service.ReadOnly = true;
            service.Tmpfs = ["/tmp"];
            service.CapDrop = ["ALL"];
            service.SecurityOpt = ["no-new-privileges:true"];
            service.Ports = [.. shape.HostPorts.Select(port => $"{port}:{port}")];
            service.Expose = [.. service.Expose.Except(shape.HostPorts.Select(port => $"{port}"))];
            service.Healthcheck = new Healthcheck
            {
                Test = ["CMD", "dotnet", $"/app/{shape.Program}.dll", "healthcheck"],
                Interval = "10s",
                Timeout = "5s",
                Retries = 6,
                StartPeriod = "30s",
            };
        });
}
