namespace Xmtp.Gateway.Hosting;

/// <summary>The result of a command that a program runs in place of a host, such as <c>--help</c>.</summary>
public sealed class CommandOutput
{
    internal CommandOutput(string text, int exitCode = 0)
    {
        Text = text;
        ExitCode = exitCode;
    }

    /// <summary>What to print. Contains no secret.</summary>
    public string Text { get; }

    /// <summary>
    /// The exit code of the process: 0 for success, 1 for a failed <c>healthcheck</c>, 2 for a command that does not exist.
    /// </summary>
    public int ExitCode { get; }

    /// <summary>
    /// Writes the text to the standard output, or to the error output when the command failed, and returns
    /// <see cref="ExitCode"/>.
    /// </summary>
    public int Write()
    {
        (ExitCode == 0 ? Console.Out : Console.Error).WriteLine(Text);
        return ExitCode;
    }
}
