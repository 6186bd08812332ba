namespace Xmtp.Gateway.Hosting;

/// <summary>The gateway cannot start, with all faults at once.</summary>
/// <remarks>
/// A program that called <see cref="Microsoft.Extensions.Hosting.XmtpGatewayProgram.ExitOnStartFaults"/> prints this
/// text without a stack trace and ends with <see cref="ExitCode"/>.
/// </remarks>
public sealed class GatewayStartException : Exception
{
    internal GatewayStartException(IReadOnlyList<string> faults)
        : this(Text(faults), faults)
    {
    }

    private GatewayStartException(string message, IReadOnlyList<string> faults)
        : base(message) => Faults = faults;

    /// <summary>Each fault: the flag, the variable, and the expected value. Contains no secret.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>The exit code of a process that ends with this exception: 2.</summary>
    public int ExitCode { get; } = 2;

    /// <summary>The exception of a gateway that was started in code: a single fault is the message's only line.</summary>
    /// <param name="faults">Each fault, with the name of its option.</param>
    internal static GatewayStartException InCode(IReadOnlyList<string> faults) =>
        faults is [var only] ? new($"The gateway cannot start: {only}", faults) : new(faults);

    private static string Text(IReadOnlyList<string> faults) =>
        $"The gateway cannot start: {faults.Count} {(faults.Count == 1 ? "fault" : "faults")}.{Environment.NewLine}"
        + string.Join(Environment.NewLine, faults.Select(fault => "  - " + fault));
}
