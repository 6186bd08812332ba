using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>What a <see cref="TcpFaultProxy"/> does with bytes.</summary>
public enum ProxyMode
{
    /// <summary>Hands them on, both ways.</summary>
    Pass,

    /// <summary>Resets every connection, those that are there and those that come.</summary>
    Cut,

    /// <summary>Takes them and hands nothing on: connections stay open and silent.</summary>
    BlackHole,

    /// <summary>Hands on what callers send, and nothing of what they would be answered.</summary>
    LoseAnswers,
}

/// <summary>A TCP proxy on loopback that can fail the way networks do.</summary>
public sealed class TcpFaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly ConcurrentDictionary<Socket, byte> _silent = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private volatile IPEndPoint _target;
    private volatile int _mode;

    /// <summary>Listens on a free port and connects each caller to a port of this machine.</summary>
    public TcpFaultProxy(int targetPort)
    {
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>How many connections it has taken.</summary>
    public int Accepted { get; private set; }

    /// <summary>What it does from now on.</summary>
    public ProxyMode Mode
    {
        get => (ProxyMode)_mode;
        set
        {
            _mode = (int)value;
            if (value == ProxyMode.Cut) CutAll();
        }
    }

    /// <summary>Where connections lead from now on; those that are there stay where they lead, as behind an address that moved.</summary>
    public int Target
    {
        get => _target.Port;
        set => _target = new IPEndPoint(IPAddress.Loopback, value);
    }

    /// <summary>The same URL, through this proxy.</summary>
    public Uri Through(Uri url) => new UriBuilder(url) { Host = "127.0.0.1", Port = Port }.Uri;

    /// <summary>Resets the connections that are there; new ones go as <see cref="Mode"/> says.</summary>
    public void CutAll()
    {
        foreach (var socket in _sockets.Keys) Reset(socket);
    }

    /// <summary>
    /// The connections that are there stay open and silent for good, as those to a machine that lost its power; new ones go as
    /// <see cref="Mode"/> says.
    /// </summary>
    public void SilenceAll()
    {
        foreach (var socket in _sockets.Keys) _silent[socket] = 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        CutAll();
        await _accepting;
        _stopping.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is closed, which is what we want.
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptSocketAsync(_stopping.Token);
                Accepted++;
                _ = ConnectAsync(caller);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy ends.
        }
    }

    private async Task ConnectAsync(Socket caller)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _sockets[caller] = 0;
            _sockets[server] = 0;
            if (Mode == ProxyMode.Cut) return;
            await server.ConnectAsync(_target, _stopping.Token);
            await Task.WhenAny(PumpAsync(caller, server, isAnswer: false), PumpAsync(server, caller, isAnswer: true));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two ends is gone; so will be the other.
        }
        finally
        {
            Reset(caller);
            Reset(server);
            _sockets.TryRemove(caller, out _);
            _sockets.TryRemove(server, out _);
            _silent.TryRemove(caller, out _);
            _silent.TryRemove(server, out _);
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopping.Token) is var count and > 0)
            {
                if (_silent.ContainsKey(from)) continue;
                if (Mode == ProxyMode.Pass || (Mode == ProxyMode.LoseAnswers && !isAnswer))
                    await to.SendAsync(buffer.AsMemory(0, count), _stopping.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other direction ends with this one.
        }
    }
}
