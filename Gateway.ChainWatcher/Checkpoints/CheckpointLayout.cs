using System.Globalization;

namespace Xmtp.Gateway.ChainWatcher.Checkpoints;

/// <summary>The layout version of all data that a watcher stores, kept next to it under the name <c>layout</c>.</summary>
/// <remarks>
/// It is raised when the format that earlier releases write changes; a release that raises it also reads the version
/// before. A missing version means the first: releases before the version existed wrote that.
/// </remarks>
internal static class CheckpointLayout
{
    /// <summary>The name under which it is stored.</summary>
    internal const string Name = "layout";

    /// <summary>The version that this release writes.</summary>
    internal const int Version = 1;

    /// <summary>Checks the version, and writes this release's version if there is none.</summary>
    /// <exception cref="WatcherStoreException">The store does not respond; or a later release wrote there, in a layout
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
