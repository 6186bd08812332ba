using System.Runtime.CompilerServices;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Tests start hundreds of applications, and each would watch its appsettings.json: systems allow 128 watchers a user.</summary>
internal static class NoFileWatchers
{
    [ModuleInitializer]
    internal static void TurnOff() => Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
}
