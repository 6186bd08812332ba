namespace Xmtp.Gateway.AppHost.Tests.TestSupport;

/// <summary>The hosts of this repository as they were built with the tests.</summary>
internal static class BuiltPrograms
{
    /// <summary>The path of a host's <c>.dll</c>.</summary>
    public static string Of(IProjectMetadata project, string assembly) => Path.Combine(
        Path.GetDirectoryName(project.ProjectPath)!,
        "bin",
        new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
        "net10.0",
        assembly + ".dll");
}
