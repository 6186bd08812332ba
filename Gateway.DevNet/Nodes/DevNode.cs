using System.Net;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes.Reading;
using Xmtp.Gateway.DevNet.Nodes.Replication;
using Xmtp.Gateway.Endpoints.Listening;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>
/// A node of the Broadcast Network in this process, on a real port: it checks what real nodes check; stages, numbers
/// and signs accepted envelopes; follows the App Chain and the other nodes; and serves all of it to readers.
/// </summary>
/// <remarks>Faults can be injected (<see cref="Faults"/>), and it can be killed and started again.</remarks>
public sealed class DevNode : IAsyncDisposable
{
    private readonly NodeState _state;
    private readonly SemaphoreSlim _changing = new(1);
    private NodeRun? _run;

    private DevNode(NodeState state, NodeRun run, IPEndPoint listens)
    {
        _state = state;
        _run = run;
        Address = new Uri($"http://{listens}");
    }

    /// <summary>The originator id.</summary>
    public uint Id => _state.Options.NodeId;

    /// <summary>Its address, such as <c>http://127.0.0.1:5061</c>; the same after a restart.</summary>
    public Uri Address { get; }

    /// <summary>The key that signs its envelopes: 65 bytes, uncompressed.</summary>
    public ReadOnlyMemory<byte> PublicKey => _state.Key.PublicKey;

    /// <summary>The address of that key.</summary>
    public EthereumAddress Signer => _state.Key.Address;

    /// <summary>The envelopes that it stores.</summary>
    public EnvelopeStore Store => _state.Store;

    /// <summary>The number of accepted envelopes that are not signed and inserted yet.</summary>
    public int Staged => _state.Staged.Count;

    /// <summary>Whether it runs: false between a kill and the next start.</summary>
    public bool IsRunning => Volatile.Read(ref _run) is not null;

    /// <summary>The number of open client streams.</summary>
    public int Readers => Volatile.Read(ref _run)?.Services.GetRequiredService<SubscribeService>().Readers ?? 0;

    /// <summary>The injected faults; setting them replaces all at once, also for calls that wait.</summary>
    public NodeFaults Faults
    {
        get => _state.Faults.Current;
        set => _state.Faults.Set(value);
    }

    /// <summary>Starts a node; it serves requests when the task completes.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<DevNode> StartAsync(DevNodeOptions options, CancellationToken cancellationToken = default)
    {
        var state = new NodeState(options);
        try
        {
            var port = new GatewayPort(new IPEndPoint(options.Host, options.Port));
            var run = await NodeRun.StartAsync(state, port, cancellationToken);
            return new DevNode(state, run, port.EndPoint);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>This node as other nodes know it.</summary>
    public NodePeer AsPeer() => new(Id, Address, PublicKey);

    /// <summary>Replicates the envelopes that another node originates, from now on and until this node stops.</summary>
    public void Follow(NodePeer peer)
    {
        _state.AddPeer(peer);
        Volatile.Read(ref _run)?.Follow(peer);
    }

    /// <summary>
    /// Stops it like a kill of its process: the port closes, connections are reset, calls get no response. Stored and
    /// staged envelopes stay.
    /// </summary>
    public async Task KillAsync()
    {
        await _changing.WaitAsync();
        try
        {
            if (Interlocked.Exchange(ref _run, null) is { } running) await running.KillAsync();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Kills it if it runs, and starts it again at the same address. Staged envelopes are then published.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await KillAsync();
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (_run is null)
            {
                Volatile.Write(
                    ref _run,
                    await NodeRun.StartAsync(
                        _state, new GatewayPort(new IPEndPoint(_state.Options.Host, Address.Port)), cancellationToken));
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// Ends streams, waits a few seconds at most for running calls, and closes the port. May be called more than once.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _run, null) is { } running) await running.DisposeAsync();
        _state.Dispose();
        _changing.Dispose();
    }
}
