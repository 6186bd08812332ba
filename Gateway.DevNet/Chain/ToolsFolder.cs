namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>
/// The folder for downloaded tools: <c>.devnet</c> in the root of the repository that contains the build output; in the
/// user's application data if there is no repository.
/// </summary>
internal static class ToolsFolder
{
    private const string RootMark = "Gateway.sln";

    public static string Root { get; } = Find();

    /// <summary>The repository's root; null outside of one.</summary>
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
