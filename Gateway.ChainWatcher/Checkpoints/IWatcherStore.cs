namespace Xmtp.Gateway.ChainWatcher.Checkpoints;

/// <summary>Where checkpoints are kept, and who of several watchers writes them.</summary>
internal interface IWatcherStore
{
    /// <summary>Whether another watcher can lead instead of this one.</summary>
    bool IsShared { get; }

    /// <summary>Becomes the one that leads; null while another one does.</summary>
    /// <exception cref="WatcherStoreException">The store does not answer.</exception>
    Task<ILeadership?> TryLeadAsync(CancellationToken cancellationToken);
}

/// <summary>The right to follow the chains and to write checkpoints, until it is disposed of or lost.</summary>
internal interface ILeadership : IAsyncDisposable
{
    /// <summary>Ends when the right is lost: another watcher may lead now.</summary>
    CancellationToken Lost { get; }

    /// <summary>Whether the store answered the last time.</summary>
    bool StoreAnswers { get; }

    /// <summary>What was kept last; null when nothing was.</summary>
    /// <exception cref="WatcherStoreException">The store does not answer.</exception>
    Task<string?> LoadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Keeps something in place of what was kept, whole or not at all, and only while the right is held.</summary>
    /// <returns>False when it could not be kept now; the next time it may.</returns>
    Task<bool> SaveAsync(string name, string json, CancellationToken cancellationToken);
}

/// <summary>The store does not answer, or cannot be used; the message says which and why, without credentials.</summary>
internal sealed class WatcherStoreException(string message, Exception? inner = null) : Exception(message, inner);
