using Xmtp.Gateway.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>What a program does that is a gateway, or a chain watcher, and nothing else.</summary>
public static class XmtpGatewayProgram
{
    private static int _installed;

    /// <summary>
    /// From now on a <see cref="GatewayStartException"/> that nothing catches ends the process with its text, without a
    /// stack trace, and with its exit code.
    /// </summary>
    /// <remarks>The first line of <c>Program.cs</c>. Whoever hosts a gateway beside other things catches the exception.</remarks>
    public static void ExitOnStartFaults()
    {
        if (Interlocked.Exchange(ref _installed, 1) == 0) AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
    }

    private static void OnUnhandled(object sender, UnhandledExceptionEventArgs unhandled)
    {
        if (unhandled.ExceptionObject is not GatewayStartException start) return;
        var output = start.ExitCode == 0 ? Console.Out : Console.Error;
        output.WriteLine(start.Message);
        output.Flush();
        Environment.Exit(start.ExitCode);
    }
}
