using Garnet;
using StackExchange.Redis;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Garnet inside the test's own process, with Lua that is atomic: by default it is not.</summary>
public sealed class GarnetInProcess : IDisposable
{
    private readonly GarnetServer _server;

    public GarnetInProcess()
    {
        Port = FreePort.Next();
        _server = new GarnetServer([
            "--port", $"{Port}", "--bind", "127.0.0.1", "--lua", "--lua-transaction-mode", "true", "--memory", "64m",
            "--index", "1m", "--logger-level", "None",
        ]);
        _server.Start();
    }

    public int Port { get; }

    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{Port},allowAdmin=true");

    public void Dispose() => _server.Dispose();
}
