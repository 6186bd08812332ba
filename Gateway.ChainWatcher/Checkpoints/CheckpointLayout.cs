using System.Globalization;

namespace Xmtp.Gateway.ChainWatcher.Checkpoints;

/// <summary>The layout version of all that a watcher keeps, beside it under the name <c>layout</c>.</summary>
/// <remarks>
/// It rises when what an earlier release wrote is written differently; a release that raises it reads the one before.
/// Releases before it wrote the first.
/// </remarks>
internal static class CheckpointLayout
{
    /// <summary>Under which name it is kept.</summary>
    internal const string Name = "layout";

    /// <summary>What this release writes.</summary>
    internal const int Version = 1;

    /// <summary>Looks, and writes this release's version where none is.</summary>
    /// <exception cref="WatcherStoreException">The store does not answer; or a later release wrote there, in a layout
    /// that this one does not know.</exception>
    internal static async Task CheckAsync(ILeadership leadership, CancellationToken cancellationToken)
    {
        var stored = await leadership.LoadAsync(Name, cancellationToken);
        if (stored is null) await leadership.SaveAsync(Name, Version.ToString(CultureInfo.InvariantCulture), cancellationToken);
        else if (!int.TryParse(stored, NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version > Version)
        {
            throw new WatcherStoreException(
                "a later release of the watcher wrote the checkpoints, in a layout that this one does not know; expected that release " +
                "or a later one");
        }
    }
}
