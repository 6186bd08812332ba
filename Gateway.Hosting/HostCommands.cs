using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Health;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// The commands that gateway and watcher share: <c>--help</c>, <c>--version</c> and <c>healthcheck</c>. A first word that is
/// no command is not taken for one: it ends with the nearest command and exit code 2.
/// </summary>
internal static class HostCommands
{
    /// <summary>Runs the command that the arguments request.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="table">The program's settings.</param>
    /// <param name="program">The program's name.</param>
    /// <param name="title">What the program does.</param>
    /// <param name="help">The text of <c>--help</c>.</param>
    /// <param name="port">Reads from the configuration the address and port of <c>healthcheck</c>.</param>
    /// <returns>The result of the command; null when the arguments request none, and the host is to run.</returns>
    public static CommandOutput? Run(
        IReadOnlyList<string> args,
        SettingTable table,
        string program,
        string title,
        string help,
        Func<IConfiguration, (string Address, int Port)> port)
    {
        if (HealthProbe.IsAsked(args)) return HealthProbe.Run(args, table, port);
        IReadOnlyList<string> flags = args switch
        {
            ["help", ..] => ["--help", .. args.Skip(1).Where(word => word == "all")],
            ["version", ..] => ["--version"],
            _ => args,
        };
        var line = CommandLine.Read(flags, table);
        if (line.HelpAll) return new CommandOutput(HelpText.All(table, title, program));
        if (line.Help) return new CommandOutput(help);
        if (line.Version) return new CommandOutput(HelpText.Version(program));
        return IsUnknownCommand(args, table) ? new CommandOutput(Unknown(args[0], table, program), 2) : null;
    }

    private static bool IsUnknownCommand(IReadOnlyList<string> args, SettingTable table) =>
        args is [{ Length: > 0 } word, ..] && !word.StartsWith('-') && !table.Commands.Contains(word);

    // The word may be a key pasted in the wrong place: it is not shown.
    private static string Unknown(string word, SettingTable table, string program)
    {
        var nearest = word.Length > 24 ? null : SettingTable.Closest(word, table.Commands);
        return "There is no such command" + (nearest is null ? "" : $"; did you mean {nearest}?") +
            $"{Environment.NewLine}Commands: {string.Join(", ", table.Commands)}. Flags begin with --; {program} --help has an example.";
    }
}
