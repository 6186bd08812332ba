using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>
/// <c>xmtp-gateway healthcheck</c>: checks whether the gateway next to it is alive. For images, which have neither a
/// shell nor curl.
/// </summary>
/// <remarks>
/// It finds the port as the gateway does, by variables and by the flags after the word; it does not know the flags of
/// the other process.
/// </remarks>
internal static class HealthProbe
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Whether these arguments request the probe.</summary>
    public static bool IsAsked(IReadOnlyList<string> args) => args is ["healthcheck", ..];

    /// <summary>Runs the probe: exit code 0 when alive, 1 when not.</summary>
    /// <param name="args">The word and the flags after it.</param>
    /// <param name="table">The program's settings.</param>
    /// <param name="port">Reads from the configuration the address and port to probe.</param>
    public static CommandOutput Run(
        IReadOnlyList<string> args, SettingTable table, Func<IConfiguration, (string Address, int Port)> port)
    {
        LoopbackDirect.Install();
        var configuration = WebApplication.CreateBuilder().Configuration;
        SettingConfiguration.AddTo(configuration, table, CommandLine.Read([.. args.Skip(1)], table));
        var (bindAddress, number) = port(configuration);
        var address = IPAddress.TryParse(bindAddress, out var bound) && !bound.Equals(IPAddress.Any) && !bound.Equals(IPAddress.IPv6Any)
            ? bound
            : IPAddress.Loopback;
        var url = new UriBuilder(Uri.UriSchemeHttp, address.ToString(), number, "/livez").Uri;
        var fault = Ask(url);
        return new CommandOutput(fault is null ? $"{url} is alive" : $"{url}: {fault}", fault is null ? 0 : 1);
    }

    private static string? Ask(Uri url)
    {
        try
        {
            using var http = new HttpClient { Timeout = ProbeTimeout };
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            using var answer = http.Send(request);
            return answer.StatusCode == HttpStatusCode.OK ? null : $"HTTP {(int)answer.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or OperationCanceledException)
        {
            return exception.Message;
        }
    }
}
