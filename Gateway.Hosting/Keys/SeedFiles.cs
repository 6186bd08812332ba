namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>The seed files of one reading of a payers file, each read once whatever number of keys are derived from it.</summary>
internal sealed class SeedFiles : IDisposable
{
    private readonly Dictionary<string, SeedFile> _files = new(StringComparer.Ordinal);

    /// <summary>The key of an index.</summary>
    /// <param name="place">Where the members <c>seedFile</c> and <c>index</c> are, for faults.</param>
    /// <param name="path">The file.</param>
    /// <param name="index">From 0 to <see cref="SeedFile.MaxIndex"/>.</param>
    public PayerKey KeyOf(string place, string path, int index)
    {
        if (!_files.TryGetValue(path, out var file)) _files.Add(path, file = SeedFile.Read($"{place}: seedFile", path));
        return file.KeyOf($"{place}: index", index);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
    }
}
