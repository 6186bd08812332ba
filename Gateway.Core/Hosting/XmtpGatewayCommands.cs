using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// The commands that a program runs in place of a gateway: <c>--help</c>, <c>--version</c> and <c>healthcheck</c>.
/// </summary>
/// <remarks>
/// Call it before <c>AddXmtpGateway</c>. A gateway that gets such arguments does not start, and reports them as faults.
/// </remarks>
public static class XmtpGatewayCommands
{
    /// <summary>Runs the command that the arguments request.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <returns>
    /// The result of the command, or that the first word is none (exit code 2); null when the arguments request no command, and
    /// the gateway is to run.
    /// </returns>
    public static CommandOutput? Run(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var table = GatewaySettings.Table();
        return HostCommands.Run(args, table, GatewaySettings.Program, GatewaySettings.Title, GatewayHelp.Text, configuration =>
        {
            var api = table.Group<ApiSettings>().Read(configuration, []);
            return (api.BindAddress, api.Port);
        });
    }
}
