using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// An HTTP/2 edge in front of a node that does to connections what load balancers do, and worse. It hands frames on as
/// they are, and adds or leaves out its own.
/// </summary>
public sealed class RecyclingEdge : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<EdgeConnection, byte> _open = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IPEndPoint _node;
    private readonly Task _accepting;
    private int _connections;
    private int _undone;
    private int _refused;

    /// <summary>Listens on a free port.</summary>
    public RecyclingEdge(Uri node)
    {
        _node = new IPEndPoint(IPAddress.Loopback, node.Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>
    /// Of each connection so many calls are handed on; when more have come it sends GOAWAY, and leaves those undone. 0
    /// for no end.
    /// </summary>
    public int CallsPerConnection { get; set; }

    /// <summary>Every so manieth call is answered with REFUSED_STREAM and not handed on; 0 for none.</summary>
    public int RefusesEach { get; set; }

    /// <summary>Ends each connection as soon as it has a call.</summary>
    public bool EndsBeforeItAnswers { get; set; }

    /// <summary>Resets a connection in place of handing on the next answer; then goes on as before.</summary>
    public bool CutsTheNextAnswer { get; set; }

    /// <summary>How many connections it has taken.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many calls it left undone after GOAWAY.</summary>
    public int Undone => Volatile.Read(ref _undone);

    /// <summary>How many streams it refused.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Sends GOAWAY on every connection; what was handed on ends first.</summary>
    public Task RecycleAsync() => Task.WhenAll(_open.Keys.Select(connection => connection.GoAwayAsync()));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        foreach (var connection in _open.Keys) connection.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stopping.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The edge ends.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        client.NoDelay = true;
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await server.ConnectAsync(_node, _stopping.Token);
            using var connection = new EdgeConnection(this, client, server);
            _open[connection] = 0;
            Interlocked.Increment(ref _connections);
            try
            {
                await connection.RunAsync(_stopping.Token);
            }
            finally
            {
                _open.TryRemove(connection, out _);
            }
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or SocketException or ObjectDisposedException or IOException)
        {
            // One of the two ends is gone; so is the other.
        }
        finally
        {
            client.Dispose();
        }
    }

    private sealed class EdgeConnection(RecyclingEdge edge, Socket client, Socket server) : IDisposable
    {
        private const int PrefaceSize = 24;
        private const byte Data = 0, Headers = 1, RstStream = 3, GoAway = 7;
        private const byte EndStream = 1;
        private const uint RefusedStream = 7;

        private readonly SemaphoreSlim _writing = new(1);
        private readonly NetworkStream _fromClient = new(client);
        private readonly NetworkStream _fromServer = new(server);
        private readonly TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly HashSet<uint> _running = [];
        private readonly HashSet<uint> _leftOut = [];
        private uint _last;
        private int _calls;
        private bool _goesAway;
        private bool _isAnnounced;
        private bool _isClosed;
        private int _isDisposed;

        internal async Task RunAsync(CancellationToken cancellationToken)
        {
            var preface = new byte[PrefaceSize];
            await _fromClient.ReadExactlyAsync(preface, cancellationToken);
            await _fromServer.WriteAsync(preface, cancellationToken);
            await Task.WhenAny(RequestsAsync(cancellationToken), AnswersAsync(cancellationToken)).Unwrap();
        }

        internal async Task GoAwayAsync()
        {
            var payload = new byte[8];
            lock (_running)
            {
                if (_goesAway) return;
                _goesAway = true;
                BinaryPrimitives.WriteUInt32BigEndian(payload, _last);
            }

            await OwnAsync(Frame(GoAway, 0, payload));
            lock (_running) _isAnnounced = true;
            CloseWhenDone();
        }

        /// <summary>Resets the client's connection, and closes the node's.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 1) return;
            client.LingerState = new LingerOption(true, 0);
            _fromClient.Dispose();
            _fromServer.Dispose();
            client.Dispose();
            server.Dispose();
            _writing.Dispose();
        }

        private async Task RequestsAsync(CancellationToken cancellationToken)
        {
            while (await ReadAsync(_fromClient, cancellationToken) is { } frame)
            {
                var stream = StreamOf(frame);
                if (stream == 0 || Takes(stream, frame[3], out var isRefused)) await _fromServer.WriteAsync(frame, cancellationToken);
                else if (edge.EndsBeforeItAnswers) return;
                else if (isRefused) await RefuseAsync(stream);
                if (IsOver && client.Available == 0) await GoAwayAsync();
            }
        }

        // Once more have come than it takes.
        private bool IsOver => edge.CallsPerConnection > 0 && _calls > edge.CallsPerConnection;

        private bool Takes(uint stream, byte type, out bool isRefused)
        {
            isRefused = false;
            lock (_running)
            {
                if (_leftOut.Contains(stream)) return false;
                if (type == RstStream) _running.Remove(stream);
                if (type != Headers) return true;
                _calls++;
                isRefused = edge.RefusesEach > 0 && _calls % edge.RefusesEach == 0;
                if (_goesAway || IsOver || isRefused || edge.EndsBeforeItAnswers)
                {
                    _leftOut.Add(stream);
                    if (!isRefused) Interlocked.Increment(ref edge._undone);
                    return false;
                }

                _last = stream;
                return _running.Add(stream);
            }
        }

        private async Task RefuseAsync(uint stream)
        {
            Interlocked.Increment(ref edge._refused);
            var code = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(code, RefusedStream);
            await OwnAsync(Frame(RstStream, stream, code));
        }

        // The first frame of a server is SETTINGS, and comes from the node.
        private async Task OwnAsync(byte[] frame)
        {
            await _greeted.Task;
            await ToClientAsync(frame);
        }

        private async Task AnswersAsync(CancellationToken cancellationToken)
        {
            while (await ReadAsync(_fromServer, cancellationToken) is { } frame)
            {
                if (frame[3] == Headers && edge.CutsTheNextAnswer)
                {
                    edge.CutsTheNextAnswer = false;
                    return;
                }

                await ToClientAsync(frame);
                _greeted.TrySetResult();
                if (frame[3] is not (Data or Headers or RstStream) || (frame[3] != RstStream && (frame[4] & EndStream) == 0)) continue;
                lock (_running) _running.Remove(StreamOf(frame));
                CloseWhenDone();
            }
        }

        // What the client still sends is read and dropped until it closes, as a server that lingers does.
        private void CloseWhenDone()
        {
            lock (_running)
            {
                if (!_isAnnounced || _isClosed || _running.Count > 0) return;
                _isClosed = true;
            }

            try
            {
                client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The client was quicker.
            }
        }

        private async Task ToClientAsync(byte[] frame)
        {
            await _writing.WaitAsync();
            try
            {
                if (!_isClosed) await _fromClient.WriteAsync(frame);
            }
            finally
            {
                _writing.Release();
            }
        }

        private static async Task<byte[]?> ReadAsync(NetworkStream from, CancellationToken cancellationToken)
        {
            var header = new byte[9];
            if (await from.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken) < header.Length)
                return null;
            var frame = new byte[header.Length + (int)(BinaryPrimitives.ReadUInt32BigEndian(header) >> 8)];
            header.CopyTo(frame, 0);
            await from.ReadExactlyAsync(frame.AsMemory(header.Length), cancellationToken);
            return frame;
        }

        private static byte[] Frame(byte type, uint stream, byte[] payload)
        {
            var frame = new byte[9 + payload.Length];
            frame[2] = (byte)payload.Length;
            frame[3] = type;
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(5), stream);
            payload.CopyTo(frame, 9);
            return frame;
        }

        private static uint StreamOf(byte[] frame) => BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(5)) & int.MaxValue;
    }
}
