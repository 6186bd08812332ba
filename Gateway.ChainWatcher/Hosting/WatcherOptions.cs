using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>The options of a watcher, besides the settings that it shares with gateways.</summary>
public sealed class WatcherOptions
{
    /// <summary>
    /// The payer whose money is followed; if null, the address of the payer's key, when watcher and gateway share their
    /// variables, or none.
    /// </summary>
    public EthereumAddress? PayerAddress { get; set; }

    /// <summary>
    /// The folder of the checkpoints when there is no Redis. Default <c>watcher-state</c> in the working directory.
    /// </summary>
    public string StateFolder { get; set; } = "watcher-state";

    /// <summary>How often a checkpoint is written while there is much to read. More than zero; default 2 s.</summary>
    public TimeSpan SaveInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a stopped watcher still counts as the leader. At least 1 s; default 15 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How often nodes settle reports. A report that waits for more than two cycles is stuck. More than zero; default 1
    /// h.
    /// </summary>
    public TimeSpan ReportCycle { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long an originator counts as active after its last report. More than zero; default 150 min, as the original
    /// has it.
    /// </summary>
    public TimeSpan ActiveOriginatorWindow { get; set; } = TimeSpan.FromMinutes(150);

    /// <summary>Whether the sync cursors of the nodes are watched. Default false.</summary>
    public bool Network { get; set; }

    /// <summary>The first wait before a node's stream is opened again; it doubles. More than zero; default 1 s.</summary>
    public TimeSpan NetworkMinBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest of these waits. More than zero; default 30 s. A value below <see cref="NetworkMinBackoff"/> counts as
    /// that one.
    /// </summary>
    public TimeSpan NetworkMaxBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a node may send nothing before its stream counts as broken. More than zero; default 90 s: nodes send their
    /// cursor at least every 30 s.
    /// </summary>
    public TimeSpan NetworkMaxSilence { get; set; } = TimeSpan.FromSeconds(90);
}
