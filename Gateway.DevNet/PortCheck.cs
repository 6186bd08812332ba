using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.DevNet;

/// <summary>Checks all ports before anything starts, so that a taken one is reported with the flag that moves it.</summary>
internal static class PortCheck
{
    /// <summary>Throws when a port is taken or used twice.</summary>
    /// <exception cref="DevNetException">Lists all faulty ports.</exception>
    public static void EnsureFree(DevNetOptions options)
    {
        var faults = new List<string>();
        var seen = new Dictionary<int, string>();
        foreach (var (what, host, port, flag) in Ports(options).Where(entry => entry.Port > 0))
        {
            if (port > IPEndPoint.MaxPort) faults.Add($"port {port} ({what}) is above {IPEndPoint.MaxPort}: {flag}");
            else if (!seen.TryAdd(port, what)) faults.Add($"port {port} is meant for {seen[port]} and for {what}: {flag}");
            else if (IsTaken(host, port)) faults.Add($"port {port} ({what}) is taken: {flag}");
        }

        if (faults.Count > 0) throw new DevNetException(string.Join(Environment.NewLine, faults)) { ExitCode = 2 };
    }

    private static IEnumerable<(string What, IPAddress Host, int Port, string Flag)> Ports(DevNetOptions options)
    {
        const string All = "--port-base N moves every port, --port-base 0 takes free ones";
        var ports = options.Ports;
        if (options.Only is null)
        {
            yield return ("gateway", IPAddress.Loopback, ports.Gateway, $"--api.port moves it; {All}");
            yield return ("web", IPAddress.Loopback, ports.Web, $"--api.http-port moves it; {All}");
            yield return ("metrics", IPAddress.Loopback, ports.Metrics, $"--metrics.metrics-port moves it; {All}");
            yield return ("page", IPAddress.Loopback, ports.Page, All);
        }

        yield return ("control", IPAddress.Loopback, ports.Control, "--control-port moves it");
        if (options.Chain is null) yield return ("chain", options.Host, ports.Chain, $"--chain-port moves it; {All}");
        for (var i = 0; i < options.NodesToStart; i++)
            yield return ($"node {NodeId(i)}", options.Host, ports.Node(i), $"--node-port moves them; {All}");
    }

    /// <summary>The id of the node with this index, from 0: 100, 200, …</summary>
    public static uint NodeId(int index) => (uint)(index + 1) * 100;

    private static bool IsTaken(IPAddress host, int port)
    {
        using var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(host, port));
            socket.Listen(1);
            return false;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            throw new DevNetException($"--host: {host} is not an address of this machine") { ExitCode = 2 };
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
