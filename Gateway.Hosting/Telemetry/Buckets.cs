using System.Diagnostics.Metrics;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>The bucket bounds of histograms, as dashboards made for the original expect them.</summary>
internal static class Buckets
{
    /// <summary>Seconds, in steps of 50 ms up to 0.9, then up to 10.</summary>
    public static InstrumentAdvice<double> Seconds { get; } = new()
    {
        HistogramBucketBoundaries = [.05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7, .75, .8, .85, .9, 1, 2.5, 5, 10],
    };

    /// <summary>Seconds, the default bounds of Prometheus' own libraries.</summary>
    public static InstrumentAdvice<double> Handling { get; } = new()
    {
        HistogramBucketBoundaries = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10],
    };

    /// <summary>Envelopes in a call, 1 to 10,000.</summary>
    public static InstrumentAdvice<int> Envelopes { get; } = new()
    {
        HistogramBucketBoundaries = [1, 2, 5, 10, 20, 30, 40, 50, 100, 1000, 10_000],
    };

    /// <summary>Small counts, 0 to 5.</summary>
    public static InstrumentAdvice<int> Attempts { get; } = new() { HistogramBucketBoundaries = [0, 1, 2, 3, 4, 5] };
}
