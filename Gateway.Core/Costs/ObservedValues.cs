using System.Diagnostics.Metrics;

namespace Xmtp.Gateway.Costs;

/// <summary>The callbacks of observable instruments, which a meter keeps until the process ends. Thread-safe.</summary>
internal sealed class ObservedValues
{
    private readonly Lock _guard = new();
    private readonly List<Observed> _all = [];

    /// <summary>A callback that returns nothing after the end.</summary>
    internal Func<IEnumerable<Measurement<long>>> Of(Func<IEnumerable<Measurement<long>>> read)
    {
        var observed = new Observed(read);
        lock (_guard) _all.Add(observed);
        return observed.Read;
    }

    /// <summary>Ends all callbacks, and lets go of what they read.</summary>
    internal void End()
    {
        lock (_guard)
        {
            foreach (var one in _all) one.End();
            _all.Clear();
        }
    }

    private sealed class Observed(Func<IEnumerable<Measurement<long>>> read)
    {
        private volatile Func<IEnumerable<Measurement<long>>>? _read = read;

        internal IEnumerable<Measurement<long>> Read() => _read?.Invoke() ?? [];

        internal void End() => _read = null;
    }
}
