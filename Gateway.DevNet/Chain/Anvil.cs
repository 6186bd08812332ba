using System.Diagnostics;
using System.Globalization;
using System.Net;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>
/// A local Ethereum chain in a separate process, on loopback by default. Ends on dispose, or when this process ends.
/// </summary>
public sealed class Anvil : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpRpcTransport _transport;

    private Anvil(Process process, IPEndPoint listens)
    {
        _process = process;
        HttpUrl = new Uri($"http://{listens}");
        WebSocketUrl = new Uri($"ws://{listens}");
        _transport = new HttpRpcTransport(HttpUrl);
        Rpc = new EthereumRpc(_transport);
    }

    /// <summary>JSON-RPC over HTTP.</summary>
    public Uri HttpUrl { get; }

    /// <summary>JSON-RPC over WebSocket, on the same port.</summary>
    public Uri WebSocketUrl { get; }

    /// <summary>A client of the chain.</summary>
    public EthereumRpc Rpc { get; }

    /// <summary>Starts a chain and waits until it responds.</summary>
    /// <exception cref="AnvilException">Anvil could not be found, installed or started; the message says what to
    /// do.</exception>
    public static async Task<Anvil> StartAsync(AnvilOptions options, CancellationToken cancellationToken)
    {
        var program = await AnvilBinary.FindOrInstallAsync(options.Progress ?? Console.Error.WriteLine, cancellationToken);
        var process = GuardedProcess.Start(program, options.Arguments());
        try
        {
            var port = await new StartupOutput(process).ReadPortAsync($"Listening on {options.Host}:", cancellationToken);
            var anvil = new Anvil(process, new IPEndPoint(options.Host, port));
            (await anvil.Rpc.Transport.SendAsync("anvil_setLoggingEnabled", [false], cancellationToken)).OrThrow();
            return anvil;
        }
        catch
        {
            await GuardedProcess.StopAsync(process);
            process.Dispose();
            throw;
        }
    }

    /// <summary>Stops the chain and waits for its process to exit.</summary>
    public async ValueTask DisposeAsync()
    {
        _transport.Dispose();
        await GuardedProcess.StopAsync(_process);
        _process.Dispose();
    }

    /// <summary>Reads the output of a starting program until it reports its port, and discards the rest.</summary>
    private sealed class StartupOutput(Process process)
    {
        private const int LinesKept = 20;

        private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Queue<string> _lastLines = new();

        public async Task<int> ReadPortAsync(string mark, CancellationToken cancellationToken)
        {
            process.OutputDataReceived += (_, line) => See(line.Data, mark);
            process.ErrorDataReceived += (_, line) => See(line.Data, mark);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();

            // Completes after the last line was read, which the Exited event does not guarantee.
            var ended = process.WaitForExitAsync(cancellationToken);
            await Task.WhenAny(_port.Task, ended);
            cancellationToken.ThrowIfCancellationRequested();
            return _port.Task.IsCompleted ? await _port.Task : throw Ended();
        }

        private void See(string? line, string mark)
        {
            if (line is null || _port.Task.IsCompleted) return;
            lock (_lastLines)
            {
                if (_lastLines.Count == LinesKept) _lastLines.Dequeue();
                _lastLines.Enqueue(line);
            }

            if (line.StartsWith(mark, StringComparison.Ordinal))
                _port.TrySetResult(int.Parse(line.AsSpan(mark.Length), CultureInfo.InvariantCulture));
        }

        private AnvilException Ended()
        {
            lock (_lastLines)
                return new AnvilException($"anvil ended as it started: {string.Join(Environment.NewLine, _lastLines).Trim()}");
        }
    }
}
