namespace Xmtp.Gateway.Fuzz;

/// <summary>The inputs that are kept: a folder of each target below <c>fuzz/corpus</c>.</summary>
public static class FuzzCorpus
{
    /// <summary>The folder of the repository that this program was built in.</summary>
    public static string Folder { get; } = Path.Combine(Repository(), "fuzz", "corpus");

    /// <summary>The files of a target, in order.</summary>
    public static IReadOnlyList<string> FilesOf(IFuzzTarget target)
    {
        var folder = Path.Combine(Folder, target.Name);
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Writes the seeds of a target whose file is missing.</summary>
    public static int WriteSeeds(IFuzzTarget target)
    {
        var written = 0;
        var folder = Directory.CreateDirectory(Path.Combine(Folder, target.Name)).FullName;
        foreach (var (name, input) in target.Seeds)
        {
            var file = Path.Combine(folder, name);
            if (File.Exists(file)) continue;
            File.WriteAllBytes(file, input);
            written++;
        }

        return written;
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Gateway.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? Environment.CurrentDirectory;
    }
}
