using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Rest;

/// <summary>A gateway that is measured, and what is known of it so far.</summary>
internal sealed class RestSubject(string name, ServerUnderTest server) : IDisposable
{
    private readonly CpuClock _cpu = new(server.Process.Id);
    private (TimeSpan Used, long At) _since;

    public ServerUnderTest Server => server;

    public RestFigures Figures { get; set; } = new(name);

    /// <summary>Its memory in RAM, in bytes.</summary>
    public long Memory() => ProcessFigures.Read(server.Process.Id)?.ResidentBytes ?? throw new BenchFailure($"{name} has ended");

    /// <summary>From now on its processor time counts.</summary>
    public void Begin() => _since = (_cpu.Read(), TimeProvider.System.GetTimestamp());

    /// <summary>Milliseconds of processor time a second since then.</summary>
    public double End() =>
        (_cpu.Read() - _since.Used).TotalMilliseconds / TimeProvider.System.GetElapsedTime(_since.At).TotalSeconds;

    public void Dispose() => _cpu.Dispose();
}
