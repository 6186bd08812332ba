using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Hosting.Contracts;

/// <summary>A client of a chain's HTTP endpoint, with connections of its own that are closed on dispose.</summary>
internal sealed class ChainClient : IDisposable
{
    private readonly HttpRpcTransport _transport;
    private readonly TimeSpan? _timeout;
    private readonly TimeProvider _time;

    /// <summary>Creates the client; it connects at the first call.</summary>
    /// <param name="url">http or https; may contain credentials.</param>
    /// <param name="timeout">How long a call may take; null for no limit but the call's token.</param>
    /// <param name="time">The clock of the timeout.</param>
    internal ChainClient(Uri url, TimeSpan? timeout = null, TimeProvider? time = null)
    {
        _transport = new HttpRpcTransport(url);
        _timeout = timeout;
        _time = time ?? TimeProvider.System;
        Transport = timeout is { } most ? new TimedRpcTransport(_transport, most, _time) : _transport;
        Rpc = new EthereumRpc(Transport);
    }

    internal IRpcTransport Transport { get; }

    internal EthereumRpc Rpc { get; }

    /// <summary>
    /// The same endpoint, with reads that come within a time as one call of Multicall3 where the chain has it, and other requests as
    /// one body; a timeout is required.
    /// </summary>
    /// <param name="window">How long a request waits for others. More than zero.</param>
    /// <param name="changed">Gets the error when the endpoint begins to fail such calls, and null when it answers one again.</param>
    internal EthereumRpc Batched(TimeSpan window, Action<RpcError?> changed) => new(
        new BatchingRpcTransport(_transport, window, _timeout!.Value, _time)
        {
            // Half, so that what it does not answer can be read otherwise in the rest of the time.
            Multicall = new MulticallReads(_transport, _timeout.Value / 2, _time, changed),
        });

    /// <summary>How many requests the endpoint failed, by kind; see <see cref="HttpRpcTransport.Failures"/>.</summary>
    internal IReadOnlyDictionary<RpcErrorKind, long> Failures => _transport.Failures;

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();
}
