namespace Xmtp.Gateway.Hosting;

/// <summary>
/// The gateway cannot start, with all faults at once; or the command line only requested <c>--help</c>,
/// <c>--version</c> or <c>healthcheck</c>.
/// </summary>
/// <remarks>
/// A program that called <see cref="Microsoft.Extensions.Hosting.XmtpGatewayProgram.ExitOnStartFaults"/> prints this
/// text without a stack trace and ends with <see cref="ExitCode"/>.
/// </remarks>
public sealed class GatewayStartException : Exception
{
    internal GatewayStartException(IReadOnlyList<string> faults)
        : base(Text(faults))
    {
        Faults = faults;
        ExitCode = 2;
    }

    internal GatewayStartException(string answer, int exitCode = 0)
        : base(answer)
    {
        Faults = [];
        ExitCode = exitCode;
    }

    /// <summary>Each fault: the flag, the variable, and the expected value. Contains no secret.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>
    /// The exit code of the process: 2 for faults, 0 for a command that succeeded, 1 for a failed <c>healthcheck</c>.
    /// </summary>
    public int ExitCode { get; }

    private static string Text(IReadOnlyList<string> faults) =>
        $"The gateway cannot start: {faults.Count} {(faults.Count == 1 ? "fault" : "faults")}.{Environment.NewLine}"
        + string.Join(Environment.NewLine, faults.Select(fault => "  - " + fault));
}
