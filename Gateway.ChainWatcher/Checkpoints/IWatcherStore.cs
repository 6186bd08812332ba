namespace Xmtp.Gateway.ChainWatcher.Checkpoints;

/// <summary>Stores checkpoints, and decides which of several watchers writes them.</summary>
internal interface IWatcherStore
{
    /// <summary>Whether another watcher can lead instead of this one.</summary>
    bool IsShared { get; }

    /// <summary>Tries to become the leader; null while another watcher leads.</summary>
    /// <exception cref="WatcherStoreException">The store does not respond.</exception>
    Task<ILeadership?> TryLeadAsync(CancellationToken cancellationToken);
}

/// <summary>The right to follow the chains and to write checkpoints, until it is disposed or lost.</summary>
internal interface ILeadership : IAsyncDisposable
{
    /// <summary>Cancelled when the right is lost: another watcher may lead now.</summary>
    CancellationToken Lost { get; }

    /// <summary>Whether the last call to the store succeeded.</summary>
    bool StoreAnswers { get; }

    /// <summary>The value stored last; null when there is none.</summary>
    /// <exception cref="WatcherStoreException">The store does not respond.</exception>
    Task<string?> LoadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Replaces the stored value, atomically, and only while the right is held.</summary>
    /// <returns>False when it was not stored; a later attempt may succeed.</returns>
    Task<bool> SaveAsync(string name, string json, CancellationToken cancellationToken);
}

/// <summary>The store does not respond or is unusable; the message says which and why, without credentials.</summary>
internal sealed class WatcherStoreException(string message, Exception? inner = null) : Exception(message, inner);
