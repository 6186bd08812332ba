using System.Diagnostics.Metrics;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Metrics of the payers file: which version is in force, and changes that could not be put in force.</summary>
internal sealed class PayersFileMetrics : IHiddenSeries
{
    private readonly PayerSet _payers;
    private readonly Counter<long> _refused;
    private volatile string[] _hidden = [];
    private volatile int _faults;

    /// <summary>Creates the instruments.</summary>
    public PayersFileMetrics(IMeterFactory meters, PayerSet payers)
    {
        _payers = payers;
        var meter = meters.Create("Xmtp.Gateway.MultiPayer");
        _refused = meter.CreateCounter<long>(
            "xmtp_gateway_payers_file_refused_total", description: "Changes of the payers file that could not be put in force");
        _refused.Add(0);
        meter.CreateObservableGauge(
            "xmtp_gateway_payers_file_faults",
            () => _faults,
            description: "Faults of the payers file as it is now, because of which the version before is in force; 0 for none");
        meter.CreateObservableGauge(
            "xmtp_gateway_payers_file_info",
            () => new Measurement<long>(1, new KeyValuePair<string, object?>("version", _payers.Reading.Version)),
            description: "1; the label is the version of the payers file in force, which is the same at all replicas with the same file");
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels => _hidden;

    /// <summary>Records a change that could not be put in force.</summary>
    internal void Refused() => _refused.Add(1);

    /// <summary>Sets how many faults the file as it is now has; 0 when it is in force.</summary>
    internal void SetFaults(int faults) => _faults = faults;

    /// <summary>Hides the series of payers that have left, and of earlier versions of the file.</summary>
    /// <param name="before">The version that is not in force any more; null when it did not change.</param>
    /// <param name="left">A payer that has left; null for none.</param>
    internal void Hide(string? before = null, string? left = null)
    {
        List<string> all = [.. _hidden];
        if (before is not null) all.Add($"version=\"{before}\"");
        if (left is not null) all.Add($"payer=\"{left}\"");
        var shown = _payers.All.Concat(_payers.Leaving).Select(payer => $"payer=\"{payer.Name}\"")
            .Append($"version=\"{_payers.Reading.Version}\"").ToHashSet(StringComparer.Ordinal);
        _hidden = [.. all.Distinct().Where(label => !shown.Contains(label))];
    }
}
