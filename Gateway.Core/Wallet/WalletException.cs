namespace Xmtp.Gateway.Wallet;

/// <summary>A command ends without doing what it was asked to. The message is for the operator and contains no secret.</summary>
/// <param name="message">What is wrong, and what was sent or not.</param>
/// <param name="exitCode">One of <see cref="WalletExit"/>.</param>
internal sealed class WalletException(string message, int exitCode = WalletExit.Refused) : Exception(message)
{
    /// <summary>The exit code of the process.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>The exit codes of the payer's commands.</summary>
internal static class WalletExit
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Not done: refused before anything was sent, not confirmed, or reverted by a contract.</summary>
    public const int Refused = 1;

    /// <summary>The command line or the settings cannot be used.</summary>
    public const int Misused = 2;

    /// <summary>A transaction was sent, and its outcome is not known yet.</summary>
    public const int InDoubt = 3;
}
