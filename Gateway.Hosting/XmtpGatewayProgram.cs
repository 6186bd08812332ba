using Xmtp.Gateway.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>For programs that are only a gateway or a chain watcher.</summary>
public static class XmtpGatewayProgram
{
    private static int _installed;

    /// <summary>
    /// From now on an unhandled <see cref="GatewayStartException"/> ends the process with its text, without a stack
    /// trace, and with its exit code.
    /// </summary>
    /// <remarks>
    /// Call it in the first line of <c>Program.cs</c>. A program that also hosts other things catches the exception
    /// instead.
    /// </remarks>
    public static void ExitOnStartFaults()
    {
        if (Interlocked.Exchange(ref _installed, 1) == 0) AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
    }

    private static void OnUnhandled(object sender, UnhandledExceptionEventArgs unhandled)
    {
        if (unhandled.ExceptionObject is not GatewayStartException start) return;
        Console.Error.WriteLine(start.Message);
        Console.Error.Flush();
        Environment.Exit(start.ExitCode);
    }
}
