using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// Programs that tests start can be stopped by Ctrl-C and by the end of their terminal, however the tests were started.
/// </summary>
/// <remarks>
/// <c>nohup</c>, <c>command &amp;</c> in a script and many CI runners start the tests with SIGINT or SIGHUP ignored. Children
/// inherit that, and .NET leaves a signal ignored that was ignored at start, as is the custom: a test that sends such a
/// signal would wait for nothing. What a child inherits is set back here, before any child is started.
/// </remarks>
internal static class InheritedSignals
{
    private static readonly int[] Signals = [1, 2]; // SIGHUP, SIGINT
    private const nint ByDefault = 0;
    private const nint Ignored = 1;

    // More than any system's struct sigaction, which begins with the handler.
    private const int ActionSize = 512;

    [ModuleInitializer]
    internal static void HaveChildrenObeyThem()
    {
        if (OperatingSystem.IsWindows()) return;
        foreach (var signal in Signals)
        {
            var action = new byte[ActionSize];
            if (GetAction(signal, 0, action) == 0 && MemoryMarshal.Read<nint>(action) == Ignored) _ = SetHandler(signal, ByDefault);
        }
    }

    [DllImport("libc", EntryPoint = "sigaction"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetAction(int signal, nint newAction, byte[] action);

    [DllImport("libc", EntryPoint = "signal"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SetHandler(int signal, nint handler);
}
