using Microsoft.AspNetCore.Connections;
using Xmtp.Gateway.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>For programs that are only a gateway or a chain watcher.</summary>
public static class XmtpGatewayProgram
{
    private static int _installed;

    /// <summary>
    /// From now on an unhandled <see cref="GatewayStartException"/> ends the process with its text, without a stack
    /// trace, and with its exit code; so does a port of <c>Kestrel:Endpoints</c> that is taken, with exit code 2. A second Ctrl-C
    /// ends it at once, with exit code 130, and so does a standard input that closes before the start
    /// (<c>--api.stop-on-stdin-close</c>), with exit code 0.
    /// </summary>
    /// <remarks>
    /// Call it in the first line of <c>Program.cs</c>. A program that also hosts other things catches the exception
    /// instead.
    /// </remarks>
    public static void ExitOnStartFaults()
    {
        if (Interlocked.Exchange(ref _installed, 1) == 0) AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
    }

    /// <summary>Whether the program left its end to the gateway: <see cref="ExitOnStartFaults"/> was called.</summary>
    internal static bool OwnsProcess => Volatile.Read(ref _installed) == 1;

    /// <summary>Ends the process at once, where <see cref="OwnsProcess"/> allows it.</summary>
    /// <param name="exitCode">Its exit code.</param>
    internal static void Exit(int exitCode) => Environment.Exit(exitCode);

    // A port can be taken between the check of the start and its opening, and endpoints of appsettings have no check.
    private static void OnUnhandled(object sender, UnhandledExceptionEventArgs unhandled)
    {
        var (text, exitCode) = unhandled.ExceptionObject switch
        {
            GatewayStartException start => (start.Message, start.ExitCode),
            IOException { InnerException: AddressInUseException } taken => ("The program cannot start: " + taken.Message, 2),
            _ => (null, 0),
        };
        if (text is null) return;
        Console.Error.WriteLine(text);
        Console.Error.Flush();
        Exit(exitCode);
    }
}
