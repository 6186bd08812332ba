namespace Xmtp.Gateway.Hosting;

/// <summary>The gateway cannot start, with all faults at once.</summary>
/// <remarks>
/// A program that called <see cref="Microsoft.Extensions.Hosting.XmtpGatewayProgram.ExitOnStartFaults"/> prints this
/// text without a stack trace and ends with <see cref="ExitCode"/>.
/// </remarks>
public sealed class GatewayStartException : Exception
{
    internal GatewayStartException(IReadOnlyList<string> faults)
        : base(Text(faults)) => Faults = faults;

    /// <summary>Each fault: the flag, the variable, and the expected value. Contains no secret.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>The exit code of a process that ends with this exception: 2.</summary>
    public int ExitCode { get; } = 2;

    private static string Text(IReadOnlyList<string> faults) =>
        $"The gateway cannot start: {faults.Count} {(faults.Count == 1 ? "fault" : "faults")}.{Environment.NewLine}"
        + string.Join(Environment.NewLine, faults.Select(fault => "  - " + fault));
}
