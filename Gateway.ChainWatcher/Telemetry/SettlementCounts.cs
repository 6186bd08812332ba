using Xmtp.Gateway.ChainWatcher.Figures;

namespace Xmtp.Gateway.ChainWatcher.Telemetry;

/// <summary>A copy of an originator's settlement times, which may be formatted without the lock of the figures.</summary>
/// <param name="Originator">The originator's node id.</param>
/// <param name="ByBound">As <see cref="OriginatorFigures.SettlementSeconds"/>.</param>
/// <param name="Sum">The sum of the times, in seconds.</param>
internal sealed record SettlementCounts(uint Originator, IReadOnlyList<long> ByBound, ulong Sum)
{
    /// <summary>The copies of all originators.</summary>
    public static IReadOnlyList<SettlementCounts> Of(ChainFigures figures) =>
    [
        .. figures.Originators.Select(
            entry => new SettlementCounts(entry.Key, [.. entry.Value.SettlementSeconds], entry.Value.SettlementSecondsSum)),
    ];
}
