using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Xmtp.Gateway.AppHost.Terminal;

/// <summary>
/// Checks the ports of this machine before anything starts: a resource whose port is taken would wait without an error.
/// </summary>
internal static class PortCheck
{
    private const string RandomPorts = "DcpPublisher:RandomizePorts";

    private static readonly (string What, string[] Variables)[] Dashboard =
    [
        ("dashboard", ["ASPNETCORE_URLS"]),
        ("dashboard's OTLP", ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"]),
        ("dashboard's resource service", ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "DOTNET_RESOURCE_SERVICE_ENDPOINT_URL"]),
    ];

    /// <summary>Refuses to start when a port is taken.</summary>
    /// <exception cref="StartFaultException">Names every taken port, and what to do.</exception>
    public static IDistributedApplicationBuilder WithPortCheck(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode) return builder;
        var ports = builder.Configuration.GetValue(RandomPorts, false)
            ? []
            : ResourcePorts(builder).Concat(DashboardPorts(builder.Configuration));
        var taken = ports.Where(entry => IsTaken(entry.Port))
            .Select(entry => $"port {entry.Port} ({entry.What}) is taken")
            .Distinct()
            .ToList();
        if (taken.Count == 0) return builder;
        throw new StartFaultException(string.Join(
            Environment.NewLine,
            [
                .. taken,
                $"Another program listens there, perhaps an AppHost or a DevNet that still runs: end it. Or let resources take free " +
                    $"ports: -- --{RandomPorts} true",
            ]));
    }

    private static IEnumerable<(string What, int Port)> ResourcePorts(IDistributedApplicationBuilder builder) =>
        from resource in builder.Resources
        from endpoint in resource.Annotations.OfType<EndpointAnnotation>()
        where endpoint.Port is > 0
        select ($"{resource.Name}, {endpoint.Name}", endpoint.Port!.Value);

    private static IEnumerable<(string What, int Port)> DashboardPorts(ConfigurationManager configuration) =>
        from entry in Dashboard
        from url in (entry.Variables.Select(name => configuration[name]).FirstOrDefault(value => value is { Length: > 0 })
            ?? string.Empty).Split(';', StringSplitOptions.RemoveEmptyEntries)
        where Uri.TryCreate(url, UriKind.Absolute, out _)
        let port = new Uri(url).Port
        where port > 0
        select (entry.What, port);

    private static bool IsTaken(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
