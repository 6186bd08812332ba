using Aspire.Hosting.Kubernetes.Resources;

namespace Xmtp.Gateway.AppHost.Deployment;

/// <summary>What a Helm chart says of a pod beyond its image and variables.</summary>
internal static class KubernetesService
{
    private const int DrainSeconds = 45;

    /// <summary>Bounds what it takes, runs it without rights, and lets it drain before it is stopped.</summary>
    public static IResourceBuilder<ProjectResource> AsKubernetesPod(this IResourceBuilder<ProjectResource> builder, DeployedService shape) =>
        builder.PublishAsKubernetesService(service =>
        {
            if (service.Workload is not { } workload) return;
            var pod = workload.PodTemplate.Spec;
            pod.TerminationGracePeriodSeconds = DrainSeconds;
            pod.AutomountServiceAccountToken = false;
            foreach (var container in pod.Containers) Confine(container, shape);
        });

    private static void Confine(ContainerV1 container, DeployedService shape)
    {
        container.Resources = new ResourceRequirementsV1 { Requests = { ["cpu"] = shape.Cpu, ["memory"] = shape.Memory }, Limits = { ["memory"] = shape.Memory } };
        container.SecurityContext = new SecurityContextV1
        {
            RunAsNonRoot = true,
            AllowPrivilegeEscalation = false,
            Capabilities = new CapabilitiesV1 { Drop = { "ALL" } },
        };
        WithUpperCaseScheme(container.ReadinessProbe);
        WithUpperCaseScheme(container.LivenessProbe);
    }

    // The chart writes the endpoint's scheme as it is, in lower case; Kubernetes knows HTTP and HTTPS.
    private static void WithUpperCaseScheme(ProbeV1? probe)
    {
        if (probe?.HttpGet is { Scheme: { } scheme } get) get.Scheme = scheme.ToUpperInvariant();
    }
}
