using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>An HTTP/2 edge in front of a node that does to connections what load balancers do, and worse. It hands frames on as they are, and adds or leaves out its own.</summary>
public sealed class RecyclingEdge : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<EdgeConnection, byte> open = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly IPEndPoint node;
    private readonly Task accepting;
    private int connections;
    private int undone;
    private int refused;

    /// <summary>Listens on a free port.</summary>
    public RecyclingEdge(Uri node)
    {
        this.node = new IPEndPoint(IPAddress.Loopback, node.Port);
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>Of each connection so many calls are handed on; when more have come it sends GOAWAY, and leaves those undone. 0 for no end.</summary>
    public int CallsPerConnection { get; set; }

    /// <summary>Every so manieth call is answered with REFUSED_STREAM and not handed on; 0 for none.</summary>
    public int RefusesEach { get; set; }

    /// <summary>Ends each connection as soon as it has a call.</summary>
    public bool EndsBeforeItAnswers { get; set; }

    /// <summary>Resets a connection in place of handing on the next answer; then goes on as before.</summary>
    public bool CutsTheNextAnswer { get; set; }

    /// <summary>How many connections it has taken.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>How many calls it left undone after GOAWAY.</summary>
    public int Undone => Volatile.Read(ref undone);

    /// <summary>How many streams it refused.</summary>
    public int Refused => Volatile.Read(ref refused);

    /// <summary>Sends GOAWAY on every connection; what was handed on ends first.</summary>
    public Task RecycleAsync() => Task.WhenAll(open.Keys.Select(connection => connection.GoAwayAsync()));

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        foreach (var connection in open.Keys) connection.Dispose();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(stopping.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
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
            await server.ConnectAsync(node, stopping.Token);
            using var connection = new EdgeConnection(this, client, server);
            open[connection] = 0;
            Interlocked.Increment(ref connections);
            try
            {
                await connection.RunAsync(stopping.Token);
            }
            finally
            {
                open.TryRemove(connection, out _);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException or IOException)
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

        private readonly SemaphoreSlim writing = new(1);
        private readonly NetworkStream fromClient = new(client);
        private readonly NetworkStream fromServer = new(server);
        private readonly TaskCompletionSource greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly HashSet<uint> running = [];
        private readonly HashSet<uint> leftOut = [];
        private uint last;
        private int calls;
        private bool goesAway;
        private bool isAnnounced;
        private bool isClosed;
        private int isDisposed;

        internal async Task RunAsync(CancellationToken cancellationToken)
        {
            var preface = new byte[PrefaceSize];
            await fromClient.ReadExactlyAsync(preface, cancellationToken);
            await fromServer.WriteAsync(preface, cancellationToken);
            await Task.WhenAny(RequestsAsync(cancellationToken), AnswersAsync(cancellationToken)).Unwrap();
        }

        internal async Task GoAwayAsync()
        {
            var payload = new byte[8];
            lock (running)
            {
                if (goesAway) return;
                goesAway = true;
                BinaryPrimitives.WriteUInt32BigEndian(payload, last);
            }

            await OwnAsync(Frame(GoAway, 0, payload));
            lock (running) isAnnounced = true;
            CloseWhenDone();
        }

        /// <summary>Resets the client's connection, and closes the node's.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref isDisposed, 1) == 1) return;
            client.LingerState = new LingerOption(true, 0);
            fromClient.Dispose();
            fromServer.Dispose();
            client.Dispose();
            server.Dispose();
            writing.Dispose();
        }

        private async Task RequestsAsync(CancellationToken cancellationToken)
        {
            while (await ReadAsync(fromClient, cancellationToken) is { } frame)
            {
                var stream = StreamOf(frame);
                if (stream == 0 || Takes(stream, frame[3], out var isRefused)) await fromServer.WriteAsync(frame, cancellationToken);
                else if (edge.EndsBeforeItAnswers) return;
                else if (isRefused) await RefuseAsync(stream);
                if (IsOver && client.Available == 0) await GoAwayAsync();
            }
        }

        // Once more have come than it takes.
        private bool IsOver => edge.CallsPerConnection > 0 && calls > edge.CallsPerConnection;

        private bool Takes(uint stream, byte type, out bool isRefused)
        {
            isRefused = false;
            lock (running)
            {
                if (leftOut.Contains(stream)) return false;
                if (type == RstStream) running.Remove(stream);
                if (type != Headers) return true;
                calls++;
                isRefused = edge.RefusesEach > 0 && calls % edge.RefusesEach == 0;
                if (goesAway || IsOver || isRefused || edge.EndsBeforeItAnswers)
                {
                    leftOut.Add(stream);
                    if (!isRefused) Interlocked.Increment(ref edge.undone);
                    return false;
                }

                last = stream;
                return running.Add(stream);
            }
        }

        private async Task RefuseAsync(uint stream)
        {
            Interlocked.Increment(ref edge.refused);
            var code = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(code, RefusedStream);
            await OwnAsync(Frame(RstStream, stream, code));
        }

        // The first frame of a server is SETTINGS, and comes from the node.
        private async Task OwnAsync(byte[] frame)
        {
            await greeted.Task;
            await ToClientAsync(frame);
        }

        private async Task AnswersAsync(CancellationToken cancellationToken)
        {
            while (await ReadAsync(fromServer, cancellationToken) is { } frame)
            {
                if (frame[3] == Headers && edge.CutsTheNextAnswer)
                {
                    edge.CutsTheNextAnswer = false;
                    return;
                }

                await ToClientAsync(frame);
                greeted.TrySetResult();
                if (frame[3] is not (Data or Headers or RstStream) || (frame[3] != RstStream && (frame[4] & EndStream) == 0)) continue;
                lock (running) running.Remove(StreamOf(frame));
                CloseWhenDone();
            }
        }

        // What the client still sends is read and dropped until it closes, as a server that lingers does.
        private void CloseWhenDone()
        {
            lock (running)
            {
                if (!isAnnounced || isClosed || running.Count > 0) return;
                isClosed = true;
            }

            try
            {
                client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // The client was quicker.
            }
        }

        private async Task ToClientAsync(byte[] frame)
        {
            await writing.WaitAsync();
            try
            {
                if (!isClosed) await fromClient.WriteAsync(frame);
            }
            finally
            {
                writing.Release();
            }
        }

        private static async Task<byte[]?> ReadAsync(NetworkStream from, CancellationToken cancellationToken)
        {
            var header = new byte[9];
            if (await from.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken) < header.Length) return null;
            var frame = new byte[header.Length + (int)(BinaryPrimitives.ReadUInt32BigEndian(header) >> 8)];
            header.CopyTo(frame, 0);
            await from.ReadExactlyAsync(frame.AsMemory(header.Length), cancellationToken);
            return frame;
        }

        private static byte[] Frame(byte type, uint stream, byte[] payload)
        {
            var frame = new byte[9 + payload.Length];
            (frame[2], frame[3]) = ((byte)payload.Length, type);
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(5), stream);
            payload.CopyTo(frame, 9);
            return frame;
        }

        private static uint StreamOf(byte[] frame) => BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(5)) & int.MaxValue;
    }
}
