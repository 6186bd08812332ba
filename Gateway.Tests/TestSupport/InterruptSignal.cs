using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Programs that tests start can be stopped by Ctrl-C, however the tests themselves were started.</summary>
/// <remarks>
/// <c>nohup</c>, <c>command &amp;</c> in a script and many CI runners start the tests with SIGINT ignored. Children inherit
/// that, and .NET leaves a signal ignored that was ignored at start, as is the custom: a test that sends SIGINT would wait
/// for nothing. What a child inherits is set back here, before any child is started.
/// </remarks>
internal static class InterruptSignal
{
    private const int Interrupt = 2;
    private const nint ByDefault = 0;
    private const nint Ignored = 1;

    // More than any system's struct sigaction, which begins with the handler.
    private const int ActionSize = 512;

    [ModuleInitializer]
    internal static void HaveChildrenObeyIt()
    {
        if (OperatingSystem.IsWindows()) return;
        var action = new byte[ActionSize];
        if (GetAction(Interrupt, 0, action) == 0 && MemoryMarshal.Read<nint>(action) == Ignored) _ = SetHandler(Interrupt, ByDefault);
    }

    [DllImport("libc", EntryPoint = "sigaction"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetAction(int signal, nint newAction, byte[] action);

    [DllImport("libc", EntryPoint = "signal"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SetHandler(int signal, nint handler);
}
