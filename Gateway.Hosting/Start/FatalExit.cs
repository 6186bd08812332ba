namespace Xmtp.Gateway.Hosting.Start;

/// <summary>Ends the process with a readable text and an exit code when nothing catches a <see cref="GatewayStartException"/>.</summary>
/// <remarks>So <c>app.Run()</c> alone is enough for an operator, and whoever hosts several gateways in one process can catch the exception.</remarks>
internal static class FatalExit
{
    private static int installed;

    /// <summary>Installs it once a process.</summary>
    public static void Install()
    {
        if (Interlocked.Exchange(ref installed, 1) == 0) AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
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
