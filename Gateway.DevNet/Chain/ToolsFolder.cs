namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>
/// Where downloaded tools are kept: <c>.devnet</c> at the root of the repository that this was built in, whatever the
/// configuration; in the user's application data where there is no repository around.
/// </summary>
internal static class ToolsFolder
{
    private const string RootMark = "Gateway.sln";

    public static string Root { get; } = Find();

    /// <summary>The repository's root; null where this runs outside of one.</summary>
    public static string? Repository { get; } = FindRepository();

    private static string Find() => FindRepository() is { } root
        ? Path.Combine(root, ".devnet")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "xmtp-gateway-devnet");

    private static string? FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, RootMark))) return folder.FullName;
        }

        return null;
    }
}
