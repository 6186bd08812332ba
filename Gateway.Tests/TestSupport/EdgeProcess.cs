using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A real proxy in front of a server, with a folder of its own, on a free port of loopback.</summary>
public sealed class EdgeProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly TestProcess _process;

    private EdgeProcess(DirectoryInfo folder, ProcessStartInfo start, Uri address)
    {
        _folder = folder;
        _process = TestProcess.Start(start);
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Starts it; when the task ends it takes connections.</summary>
    /// <param name="folder">The folder of its files; deleted with it.</param>
    /// <param name="start">The program and its arguments.</param>
    /// <param name="address">Where it listens.</param>
    public static async Task<EdgeProcess> StartAsync(DirectoryInfo folder, ProcessStartInfo start, Uri address)
    {
        var edge = new EdgeProcess(folder, start, address);
        await Eventually.IsAsync(() => edge.TakesConnectionsAsync(), $"{start.FileName} takes connections");
        return edge;
    }

    /// <summary>Whether a client of a proxy reaches a gateway that is ready behind it.</summary>
    public static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("readyz", UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> TakesConnectionsAsync()
    {
        Assert.False(_process.HasExited, _process.Errors);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Address.Port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
