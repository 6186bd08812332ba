using System.Net;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Endpoints.Listening;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>
/// A node of the Broadcast Network in this process, with a real port on 127.0.0.1: it checks what real nodes check,
/// numbers and signs what it takes, and keeps it in memory.
/// </summary>
public sealed class DevNode : IAsyncDisposable
{
    private readonly WebApplication host;
    private readonly PrivateKeySigner signer;

    private DevNode(uint id, IPEndPoint listens, PrivateKeySigner signer, EnvelopeStore store, WebApplication host)
    {
        (this.host, this.signer) = (host, signer);
        (Id, Store, Address) = (id, store, new Uri($"http://{listens}"));
    }

    /// <summary>The originator id.</summary>
    public uint Id { get; }

    /// <summary>Where it answers, such as <c>http://127.0.0.1:5061</c>.</summary>
    public Uri Address { get; }

    /// <summary>The key that signs its envelopes: 65 bytes, uncompressed.</summary>
    public ReadOnlyMemory<byte> PublicKey => signer.PublicKey;

    /// <summary>The address of that key.</summary>
    public EthereumAddress Signer => signer.Address;

    /// <summary>What it keeps.</summary>
    public EnvelopeStore Store { get; }

    /// <summary>Starts a node; when the task ends it answers.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<DevNode> StartAsync(DevNodeOptions options, CancellationToken cancellationToken = default)
    {
        var (signer, store) = (NodeKey.Of(options.NodeId), new EnvelopeStore());
        var port = new GatewayPort(new IPEndPoint(IPAddress.Loopback, options.Port));
        var host = NodeHost.Build(options, port, signer, store);
        try
        {
            await host.StartAsync(cancellationToken);
            return new DevNode(options.NodeId, port.EndPoint, signer, store, host);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets running calls finish, for a few seconds at most, and closes the port. May be called more than once.</summary>
    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        await host.DisposeAsync();
    }
}
