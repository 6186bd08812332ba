namespace Xmtp.Gateway.AppHost.Terminal;

/// <summary>A fault that prevents the start and that the user can fix: shown in a line, without a stack trace.</summary>
internal sealed class StartFaultException(string message) : Exception(message)
{
    /// <summary>The exit code of a refused start.</summary>
    public const int ExitCode = 2;
}

/// <summary>Shows faults of the command line and of the machine without a stack trace.</summary>
internal static class StartFaults
{
    /// <summary>
    /// From now on such a fault ends the process with <see cref="StartFaultException.ExitCode"/>. Other exceptions keep
    /// their stack trace.
    /// </summary>
    public static void WriteAsLines() => AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    {
        if (unhandled.ExceptionObject is not Exception exception || Root(exception) is not (ArgumentException or StartFaultException))
            return;
        Console.Error.WriteLine(Root(exception).Message);
        Environment.Exit(StartFaultException.ExitCode);
    };

    private static Exception Root(Exception exception) =>
        exception is AggregateException { InnerExceptions: [var only] } ? only : exception;
}
