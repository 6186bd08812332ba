namespace Xmtp.Gateway.ChainWatcher.Checkpoints;

/// <summary>
/// Checkpoints in a folder, for a single watcher: one file per chain, written to a new file that replaces the old one.
/// </summary>
/// <remarks>A lock file keeps a second watcher out of the folder while the first one runs.</remarks>
internal sealed class FileStore(string folder) : IWatcherStore
{
    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    public Task<ILeadership?> TryLeadAsync(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WatcherStoreException($"the folder {folder} cannot be written: {exception.Message}", exception);
        }

        try
        {
            var held = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return Task.FromResult<ILeadership?>(new Leadership(folder, held));
        }
        catch (IOException)
        {
            return Task.FromResult<ILeadership?>(null);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new WatcherStoreException($"the folder {folder} cannot be written: {exception.Message}", exception);
        }
    }

    private sealed class Leadership(string folder, FileStream held) : ILeadership
    {
        public CancellationToken Lost => CancellationToken.None;

        public bool StoreAnswers { get; private set; } = true;

        public async Task<string?> LoadAsync(string name, CancellationToken cancellationToken)
        {
            var path = PathOf(name);
            try
            {
                return File.Exists(path) ? await File.ReadAllTextAsync(path, cancellationToken) : null;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new WatcherStoreException($"{path} cannot be read: {exception.Message}", exception);
            }
        }

        public async Task<bool> SaveAsync(string name, string json, CancellationToken cancellationToken)
        {
            var path = PathOf(name);
            try
            {
                await using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.None))
                {
                    await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(json), cancellationToken);
                    file.Flush(flushToDisk: true);
                }

                File.Move(path + ".new", path, overwrite: true);
                return StoreAnswers = true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return StoreAnswers = false;
            }
        }

        public ValueTask DisposeAsync() => held.DisposeAsync();

        private string PathOf(string name) => Path.Combine(folder, name + ".json");
    }
}
