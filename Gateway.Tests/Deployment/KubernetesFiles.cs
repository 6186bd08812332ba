using k8s;
using k8s.Models;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>
/// The manifests of <c>deploy/kubernetes</c>, read by the types of Kubernetes' own model: a field that it has not is a
/// fault.
/// </summary>
internal sealed class KubernetesFiles(IReadOnlyList<object> objects)
{
    public const string Folder = "deploy/kubernetes";

    public IReadOnlyList<object> Objects { get; } = objects;

    public static KubernetesFiles Base() => In("base");

    public static KubernetesFiles In(string folder) =>
        new([.. Manifests(folder)
            .SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file), typeMap: null, strict: true))]);

    /// <summary>Every file of a folder but its kustomization.</summary>
    public static IEnumerable<string> Manifests(string folder) =>
        DeploymentFiles.In($"{Folder}/{folder}")
            .Where(file => file.EndsWith(".yaml", StringComparison.Ordinal) && Path.GetFileName(file) != "kustomization.yaml");

    /// <summary>What kustomize reads in a folder; a field that is not in <see cref="Kustomization"/> is a fault.</summary>
    public static Kustomization KustomizationOf(
        string folder) => new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build()
        .Deserialize<Kustomization>(DeploymentFiles.Read($"{Folder}/{folder}/kustomization.yaml"));

    public IEnumerable<T> Of<T>() => Objects.OfType<T>();

    /// <summary>Everything that starts containers: its name, and what its pods are like.</summary>
    public IEnumerable<(string Name, V1PodTemplateSpec Pod)> Workloads() =>
        Of<V1Deployment>().Select(deployment => (deployment.Metadata.Name, deployment.Spec.Template))
            .Concat(Of<V1StatefulSet>().Select(set => (set.Metadata.Name, set.Spec.Template)));

    /// <summary>The workloads that a selector finds.</summary>
    public IEnumerable<(string Name, V1PodTemplateSpec Pod)> Selected(IDictionary<string, string> labels) =>
        Workloads()
            .Where(
                workload => labels.All(
                    label => workload.Pod.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value));

    internal sealed class Kustomization
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";

        public string? Namespace { get; set; }

        public List<string> Resources { get; set; } = [];

        public List<Patch> Patches { get; set; } = [];

        public List<Image> Images { get; set; } = [];
    }

    internal sealed class Patch
    {
        public string Path { get; set; } = "";
    }

    internal sealed class Image
    {
        public string Name { get; set; } = "";

        public string NewName { get; set; } = "";

        public string NewTag { get; set; } = "";
    }
}
