namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>
/// The variables that Kubernetes sets in each pod for each service of the namespace: for a service called <c>metrics</c>,
/// <c>METRICS_PORT=tcp://10.0.0.1:8008</c>. They are not the operator's, and no value of a setting.
/// </summary>
internal static class ServiceLink
{
    private static readonly string[] Protocols = ["tcp://", "udp://", "sctp://"];

    /// <summary>Whether a variable is such a link, by its name and value.</summary>
    public static bool Is(string variable, string? value) =>
        variable.EndsWith("_PORT", StringComparison.Ordinal)
            && value is not null
            && Array.Exists(Protocols, protocol => value.TrimStart().StartsWith(protocol, StringComparison.OrdinalIgnoreCase));

    /// <summary>The warning that a variable is ignored.</summary>
    public static string Warning(string variable) =>
        $"{variable}: a URL that Kubernetes sets for a service of that name, and no port: it is ignored; " +
            "enableServiceLinks: false in the pod, or another name of the service, avoids it";
}
