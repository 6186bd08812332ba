using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.DevNet;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// A whole network on free ports for a test class: <c>IClassFixture&lt;DevNetFixture&gt;</c>. A real Anvil, two real
/// nodes, the real gateway.
/// </summary>
public class DevNetFixture : IAsyncLifetime
{
    private DevNetwork? _network;

    public DevNetwork Network => _network ?? throw new InvalidOperationException("the network has not started");

    /// <summary>What the gateway and the nodes logged.</summary>
    public CapturedLogs Logs { get; } = new();

    /// <summary>What a class wants to be different.</summary>
    protected virtual DevNetOptions Options => new();

    /// <summary>How many envelopes all nodes numbered together; copies of each other's do not count.</summary>
    public int Stored => Network.Nodes.Sum(node => node.Store.OfOriginator(node.Id).Count);

    public async ValueTask InitializeAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TestLimit.Max);
        _network = await DevNetwork.StartAsync(
            Options with { ConfigureLogging = logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(Logs) }, timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_network is not null) await _network.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Keeps what is logged, as lines.</summary>
public sealed class CapturedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Waits until something is true; it is looked at after each line.</summary>
    public async Task UntilAsync(Func<bool> isTrue, CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = Volatile.Read(ref _next).Task;
            if (isTrue()) return;
            await line.WaitAsync(cancellationToken);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, this);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, CapturedLogs logs) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            logs._lines.Enqueue($"{logLevel} {category}[{eventId.Id}] {formatter(state, exception)} {exception}");
            Interlocked.Exchange(ref logs._next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }
}
