namespace Xmtp.Gateway.Hosting;

/// <summary>
/// The gateway cannot start, and says all that is wrong at once; or it was asked for <c>--help</c>, <c>--version</c> or
/// <c>healthcheck</c> alone.
/// </summary>
/// <remarks>
/// A program that called <see cref="Microsoft.Extensions.Hosting.XmtpGatewayProgram.ExitOnStartFaults"/> prints the
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

    /// <summary>Each fault: the flag, the variable, and what is expected. No secret is in them.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>What the process ends with: 2 for faults, 0 for an answer, 1 for a <c>healthcheck</c> that failed.</summary>
    public int ExitCode { get; }

    private static string Text(IReadOnlyList<string> faults) =>
        $"The gateway cannot start: {faults.Count} {(faults.Count == 1 ? "fault" : "faults")}.{Environment.NewLine}"
        + string.Join(Environment.NewLine, faults.Select(fault => "  - " + fault));
}
