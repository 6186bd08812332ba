using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Health;

namespace Xmtp.Gateway.Hosting;

/// <summary>The commands that gateway and watcher share: <c>--help</c>, <c>--version</c> and <c>healthcheck</c>.</summary>
internal static class HostCommands
{
    /// <summary>Runs the command that the arguments request.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="table">The program's settings.</param>
    /// <param name="program">The program's name.</param>
    /// <param name="help">Returns the text of <c>--help</c>.</param>
    /// <param name="port">Reads from the configuration the address and port of <c>healthcheck</c>.</param>
    /// <returns>The result of the command; null when the arguments request none, and the host is to run.</returns>
    public static CommandOutput? Run(
        IReadOnlyList<string> args,
        SettingTable table,
        string program,
        Func<string> help,
        Func<IConfiguration, (string Address, int Port)> port)
    {
        if (HealthProbe.IsAsked(args)) return HealthProbe.Run(args, table, port);
        var line = CommandLine.Read(args, table);
        return line.Help ? new CommandOutput(help()) : line.Version ? new CommandOutput(HelpText.Version(program)) : null;
    }
}
