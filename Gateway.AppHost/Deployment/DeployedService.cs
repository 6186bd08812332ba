namespace Xmtp.Gateway.AppHost.Deployment;

/// <summary>What a deployment has to know of a service besides its image and variables.</summary>
/// <param name="Program">The assembly in the image; it knows <c>healthcheck</c>, since the image has neither a shell nor curl.</param>
/// <param name="Cpu">What it asks for, as Kubernetes writes it. It is no limit: that would only throttle signing.</param>
/// <param name="Memory">What it asks for and never exceeds, as Kubernetes writes it.</param>
/// <param name="HostPorts">The ports that a Compose host opens, each to the same one of the container.</param>
internal sealed record DeployedService(string Program, string Cpu, string Memory, params int[] HostPorts);
