using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Soak;

/// <summary>What was seen in one window, and at its end.</summary>
/// <param name="Times">How long its messages took.</param>
/// <param name="Steady">How long those took that were sent far from a fault.</param>
/// <param name="Gateways">Each gateway at its end.</param>
internal sealed record SoakWindow(LatencyHistogram Times, LatencyHistogram Steady, IReadOnlyList<SoakMemory> Gateways);

/// <summary>A gateway at the end of a window.</summary>
/// <param name="HeapBytes">Its managed heap after a full collection.</param>
/// <param name="Process">What the system says of it, the medians of the window's last part.</param>
internal sealed record SoakMemory(long HeapBytes, ProcessFigures Process);
