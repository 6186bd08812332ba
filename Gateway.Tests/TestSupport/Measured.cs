using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Listens to one meter of one gateway: others of the same process have meters of the same name.</summary>
public sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, long Value, KeyValuePair<string, object?>[] Labels)> _seen = new();

    public Measured(IMeterFactory factory, string meter)
    {
        _listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == meter && ReferenceEquals(instrument.Meter.Scope, factory)) own.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, labels, _) => _seen.Enqueue((instrument.Name, value, labels.ToArray())));
        _listener.SetMeasurementEventCallback<int>(
            (instrument, value, labels, _) => _seen.Enqueue((instrument.Name, value, labels.ToArray())));
        _listener.Start();
    }

    /// <summary>The sum of a counter, or of those of its measurements that have this label.</summary>
    public long Sum(string name, (string Name, string Value)? label = null) => _seen
        .Where(
            one => one.Name == name
                && (label is null
                    || Array.Exists(one.Labels, own => own.Key == label.Value.Name && own.Value as string == label.Value.Value)))
        .Sum(one => one.Value);

    /// <summary>All measurements of a histogram, in order.</summary>
    public long[] Values(string name) => [.. _seen.Where(one => one.Name == name).Select(one => one.Value)];

    /// <summary>What a gauge shows now.</summary>
    public long Last(string name)
    {
        _listener.RecordObservableInstruments();
        return _seen.Last(one => one.Name == name).Value;
    }

    public void Dispose() => _listener.Dispose();
}
