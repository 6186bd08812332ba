using System.Text.RegularExpressions;
using k8s;
using k8s.Models;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>What <c>deploy/kubernetes</c> promises: its manifests are read strictly, and what they name exists.</summary>
public partial class KubernetesTests
{
    private const string Overlay = "overlays/example";
    private static readonly KubernetesFiles Base = KubernetesFiles.Base();
    private static readonly KubernetesFiles Example = KubernetesFiles.In(Overlay);

    [Fact]
    public void There_are_gateways_a_watcher_and_a_Redis_and_no_Secret_in_any_file()
    {
        Assert.Equal(
            ["xmtp-gateway", "xmtp-redis", "xmtp-watcher"],
            Base.Workloads().Select(workload => workload.Name).Order(StringComparer.Ordinal));
        Assert.Empty(Base.Objects.Concat(Example.Objects).OfType<V1Secret>());
        Assert.All(Base.Objects.Concat(Example.Objects).Cast<IKubernetesObject>(), found => Assert.False(string.IsNullOrEmpty(found.Kind)));
    }

    [Theory, InlineData("base"), InlineData(Overlay)]
    public void Kustomize_is_given_every_file_of_the_folder(string folder)
    {
        var kustomization = KubernetesFiles.KustomizationOf(folder);
        Assert.Equal(("kustomize.config.k8s.io/v1beta1", "Kustomization"), (kustomization.ApiVersion, kustomization.Kind));
        var named = kustomization.Resources.Concat(kustomization.Patches.Select(patch => patch.Path))
            .Where(path => path.EndsWith(".yaml", StringComparison.Ordinal));
        Assert.Equal(KubernetesFiles.Manifests(folder).Select(Path.GetFileName), named.Order(StringComparer.Ordinal));
        foreach (var other in kustomization.Resources.Where(path => !path.EndsWith(".yaml", StringComparison.Ordinal)))
            Assert.True(File.Exists(DeploymentFiles.PathOf($"{KubernetesFiles.Folder}/{folder}/{other}/kustomization.yaml")), other);
    }

    [Fact]
    public void The_overlay_changes_what_the_base_has()
    {
        var overlay = KubernetesFiles.KustomizationOf(Overlay);
        Assert.Equal(overlay.Namespace, Assert.Single(Example.Of<V1Namespace>()).Metadata.Name);
        var images = Base.Workloads().SelectMany(workload => workload.Pod.Spec.Containers).Select(container => container.Image).ToList();
        Assert.All(overlay.Images, image => Assert.Contains(image.Name, images));
        Assert.All(
            images.Where(image => !image.Contains(':', StringComparison.Ordinal)),
            image => Assert.Contains(overlay.Images, changed => changed.Name == image && changed.NewTag is not ("" or "latest")));
        Assert.All(
            Example.Of<V1ConfigMap>(), patch => Assert.Contains(Base.Of<V1ConfigMap>(), map => map.Metadata.Name == patch.Metadata.Name));
    }

    [Fact]
    public void Every_pod_selector_matches_the_intended_pods()
    {
        foreach (var deployment in Base.Of<V1Deployment>())
            Assert.Equal(deployment.Metadata.Name, Found(deployment.Spec.Selector.MatchLabels));
        foreach (var set in Base.Of<V1StatefulSet>()) Assert.Equal(set.Metadata.Name, Found(set.Spec.Selector.MatchLabels));
        foreach (var service in Base.Of<V1Service>()) Assert.Equal(service.Metadata.Name, Found(service.Spec.Selector));
        foreach (var budget in Base.Of<V1PodDisruptionBudget>())
            Assert.Equal(budget.Metadata.Name, Found(budget.Spec.Selector.MatchLabels));
        foreach (var policy in Base.Of<V1NetworkPolicy>())
        {
            Assert.Equal(policy.Metadata.Name, Found(policy.Spec.PodSelector.MatchLabels));
            foreach (var from in policy.Spec.Ingress.SelectMany(rule => rule.FromProperty ?? [])
                .Where(from => from.PodSelector?.MatchLabels is not null))
            {
                Found(from.PodSelector.MatchLabels);
            }
        }

        foreach (var (_, pod) in Base.Workloads())
            foreach (var spread in pod.Spec.TopologySpreadConstraints ?? [])
                Assert.Equal(pod, Assert.Single(Base.Selected(spread.LabelSelector.MatchLabels)).Pod);
        var scaled = Assert.Single(Base.Of<V2HorizontalPodAutoscaler>());
        Assert.Equal(
            ("apps/v1", "Deployment", "xmtp-gateway"),
            (scaled.Spec.ScaleTargetRef.ApiVersion, scaled.Spec.ScaleTargetRef.Kind, scaled.Spec.ScaleTargetRef.Name));
        Assert.Contains(Base.Of<V1Service>(), service => service.Metadata.Name == Base.Of<V1StatefulSet>().Single().Spec.ServiceName);
    }

    [Fact]
    public void Every_port_that_is_named_is_one_of_a_container()
    {
        foreach (var service in Base.Of<V1Service>())
            foreach (var port in service.Spec.Ports)
                Assert.Equal(port.Port, Port(Base.Selected(service.Spec.Selector).Single().Pod, port.TargetPort.Value));
        foreach (var policy in Base.Of<V1NetworkPolicy>())
            foreach (var port in policy.Spec.Ingress.SelectMany(rule => rule.Ports))
                Port(Base.Selected(policy.Spec.PodSelector.MatchLabels).Single().Pod, port.Port.Value);
        foreach (var path in Assert.Single(Example.Of<V1Ingress>()).Spec.Rules.SelectMany(rule => rule.Http.Paths))
        {
            Assert.Contains(
                Base.Of<V1Service>().Single(service => service.Metadata.Name == path.Backend.Service.Name).Spec.Ports,
                port => port.Name == path.Backend.Service.Port.Name);
        }
    }

    [Theory, InlineData("xmtp-gateway", 5055), InlineData("xmtp-watcher", 8008)]
    public void Kubernetes_probes_the_endpoints_of_liveness_and_readiness(string name, int port)
    {
        var pod = Pod(name);
        var container = Assert.Single(pod.Spec.Containers);
        foreach (var (probe, path) in new[]
        {
            (container.StartupProbe, "/livez"),
            (container.LivenessProbe, "/livez"),
            (container.ReadinessProbe, "/readyz"),
        })
            Assert.Equal((path, port), (probe.HttpGet.Path, Port(pod, probe.HttpGet.Port.Value)));
    }

    [Fact]
    public void A_gateway_has_the_time_to_drain_and_two_are_there_while_one_is_replaced()
    {
        var gateway = Base.Of<V1Deployment>().Single(deployment => deployment.Metadata.Name == "xmtp-gateway");
        Assert.True(DeploymentFiles.Seconds(
            Value(gateway.Spec.Template, "XMTPD_API_SHUTDOWN_DELAY")) + DeploymentFiles.Seconds(
                Value(gateway.Spec.Template, "XMTPD_API_DRAIN_TIMEOUT"))
            < gateway.Spec.Template.Spec.TerminationGracePeriodSeconds);
        Assert.Equal(
            ("0", "1"), (gateway.Spec.Strategy.RollingUpdate.MaxUnavailable.Value, gateway.Spec.Strategy.RollingUpdate.MaxSurge.Value));
        Assert.Null(gateway.Spec.Replicas);
        Assert.True(Assert.Single(Base.Of<V2HorizontalPodAutoscaler>()).Spec is { MinReplicas: 2, MaxReplicas: > 2 });
        var watcher = Base.Of<V1Deployment>().Single(deployment => deployment.Metadata.Name == "xmtp-watcher").Spec;
        Assert.Equal((1, "Recreate"), (watcher.Replicas, watcher.Strategy.Type));
        Assert.Equal(1, Base.Of<V1StatefulSet>().Single().Spec.Replicas);
    }

    [Fact]
    public void Every_container_is_read_only_has_no_right_and_a_bound()
    {
        foreach (var (name, pod) in Base.Workloads())
        {
            Assert.False(pod.Spec.AutomountServiceAccountToken, name);
            Assert.False(pod.Spec.EnableServiceLinks, name);
            Assert.True(pod.Spec.SecurityContext is { RunAsNonRoot: true, RunAsUser: > 0, SeccompProfile.Type: "RuntimeDefault" }, name);
            Assert.False(pod.Spec.HostNetwork is true || pod.Spec.HostPID is true || pod.Spec.HostIPC is true, name);
            var container = Assert.Single(pod.Spec.Containers);
            Assert.True(
                container.SecurityContext is { ReadOnlyRootFilesystem: true, AllowPrivilegeEscalation: false, Privileged: not true }, name);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Null(container.SecurityContext.Capabilities.Add);
            Assert.Equal(["cpu", "memory"], container.Resources.Requests.Keys.Order(StringComparer.Ordinal));
            Assert.Contains("memory", container.Resources.Limits.Keys);
        }
    }

    [Fact]
    public void What_is_mounted_and_what_variables_come_from_exists()
    {
        var maps = Base.Of<V1ConfigMap>().Select(map => map.Metadata.Name).ToList();
        foreach (var (name, pod) in Base.Workloads())
        {
            var claims = Base.Of<V1StatefulSet>()
                .Where(set => set.Metadata.Name == name)
                .SelectMany(set => set.Spec.VolumeClaimTemplates)
                .Select(claim => claim.Metadata.Name);
            var volumes = (pod.Spec.Volumes ?? []).Select(volume => volume.Name).Concat(claims).ToList();
            var container = pod.Spec.Containers.Single();
            Assert.Equal(
                volumes.Order(StringComparer.Ordinal), container.VolumeMounts.Select(mount => mount.Name).Order(StringComparer.Ordinal));
            Assert.All(
                (pod.Spec.Volumes ?? []).Where(volume => volume.ConfigMap is not null),
                volume => Assert.Contains(volume.ConfigMap.Name, maps));
            Assert.All(container.EnvFrom ?? [], from => Assert.Contains(from.ConfigMapRef.Name, maps));

            // $(NAME) is what a variable before it says; one that comes later stays as it is written.
            for (var at = 0; at < container.Env.Count; at++)
                foreach (Match used in Used().Matches(container.Env[at].Value ?? ""))
                    Assert.Contains(container.Env.Take(at), variable => variable.Name == used.Groups[1].Value);
        }
    }

    [Fact]
    public void The_Secrets_that_are_referred_to_are_those_that_the_document_makes()
    {
        var document = DeploymentFiles.Read($"{KubernetesFiles.Folder}/README.md");
        var made = Created().Matches(document).Select(match => match.Groups[1].Value).ToHashSet();
        var used = Base.Workloads().SelectMany(workload => workload.Pod.Spec.Containers).SelectMany(container => container.Env)
            .Select(variable => variable.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>().ToList();
        var mounted = Base.Workloads()
            .SelectMany(workload => workload.Pod.Spec.Volumes)
            .Select(volume => volume.Secret)
            .OfType<V1SecretVolumeSource>()
            .ToList();
        Assert.Equal(used.Select(secret => secret.Name).Concat(mounted.Select(secret => secret.SecretName)).ToHashSet(), made);
        Assert.All(
            used.Select(secret => secret.Key).Concat(mounted.SelectMany(secret => secret.Items).Select(item => item.Key)),
            key => Assert.Contains($"{key}=", document, StringComparison.Ordinal));
    }

    [Fact]
    public void The_key_that_pays_is_a_file_that_the_gateways_alone_may_read()
    {
        Assert.DoesNotContain(
            Base.Workloads().SelectMany(workload => workload.Pod.Spec.Containers).SelectMany(container => container.Env),
            variable => variable.ValueFrom?.SecretKeyRef?.Name == "xmtp-payer");
        var holder = Assert.Single(
            Base.Workloads(), workload => workload.Pod.Spec.Volumes.Any(volume => volume.Secret?.SecretName == "xmtp-payer"));
        Assert.Equal("xmtp-gateway", holder.Name);
        var volume = holder.Pod.Spec.Volumes.Single(volume => volume.Secret is not null);
        var mount = holder.Pod.Spec.Containers.Single().VolumeMounts.Single(mount => mount.Name == volume.Name);
        Assert.Equal($"{mount.MountPath}/{Assert.Single(volume.Secret.Items).Path}", Value(holder.Pod, "XMTPD_PAYER_PRIVATE_KEY_FILE"));
        Assert.True(mount.ReadOnlyProperty);
        Assert.Equal(
            (Convert.ToInt32("0440", 8), holder.Pod.Spec.SecurityContext.RunAsGroup),
            (volume.Secret.DefaultMode, holder.Pod.Spec.SecurityContext.FsGroup));
    }

    private static string Found(IDictionary<string, string> labels) => Assert.Single(Base.Selected(labels)).Name;

    private static V1PodTemplateSpec Pod(string name) => Base.Workloads().Single(workload => workload.Name == name).Pod;

    private static int Port(V1PodTemplateSpec pod, string name) =>
        Assert.Single(pod.Spec.Containers.SelectMany(container => container.Ports), port => port.Name == name).ContainerPort;

    private static string Value(V1PodTemplateSpec pod, string variable) =>
        pod.Spec.Containers.Single().Env.Single(found => found.Name == variable).Value;

    [GeneratedRegex(@"\$\(([A-Za-z_]+)\)")]
    private static partial Regex Used();

    [GeneratedRegex(@"create secret generic (\S+)")]
    private static partial Regex Created();
}
