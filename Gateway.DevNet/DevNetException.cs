namespace Xmtp.Gateway.DevNet;

/// <summary>The local network cannot start; the message says why and what to do.</summary>
public sealed class DevNetException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The exit code of the program: 1, or 2 for options that have to be changed, such as a port that is taken.</summary>
    public int ExitCode { get; init; } = 1;
}
