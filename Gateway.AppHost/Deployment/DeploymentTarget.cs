namespace Xmtp.Gateway.AppHost.Deployment;

/// <summary>What a publish makes: the manifest that azd reads, a Compose file, or a Helm chart.</summary>
internal static class DeploymentTarget
{
    /// <summary>Adds the environment of the target. One at a time: each resource would ask which of two it belongs to.</summary>
    public static void AddDeploymentTarget(this IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        if (!builder.ExecutionContext.IsPublishMode) return;
        if (options.Target == "compose") builder.AddDockerComposeEnvironment("compose").WithDashboard(false);
        if (options.Target == "kubernetes") builder.AddKubernetesEnvironment("kubernetes").WithDashboard(false);
    }

    /// <summary>Says how a service is deployed. A service of a target that is not there would fail the publish.</summary>
    public static IResourceBuilder<ProjectResource> DeployedAs(this IResourceBuilder<ProjectResource> builder, DeployedService shape, AppHostOptions options) =>
        options.Target switch
        {
            "compose" => builder.AsComposeService(shape),
            "kubernetes" => builder.AsKubernetesPod(shape),
            _ => builder,
        };
}
