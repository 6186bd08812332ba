using System.Net.Sockets;
using System.Text;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>HTTP/1.1 by hand: a client that sends as much as it likes, when it likes.</summary>
internal sealed class RawConnection : IDisposable
{
    public const string Publish = "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes";

    private readonly TcpClient _client = new();

    public static async Task<RawConnection> OpenAsync(TestGateway gateway)
    {
        var connection = new RawConnection();
        try
        {
            await connection._client.ConnectAsync(gateway.Addresses.Main!, TestContext.Current.CancellationToken);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed by the gateway before it was seen to be open.
        }

        return connection;
    }

    public Task SendHeadersAsync(string type, long length, string path = Publish, string more = "") =>
        SendAsync(
            Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n{more}\r\n"));

    public Task SendBodyAsync(int length) => SendAsync(new byte[length]);

    /// <summary>What comes back, up to the end of its headers or of the connection.</summary>
    public async Task<string> ReadHeadersAsync()
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        try
        {
            while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal)
                && await _client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
            {
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed by either side.
        }

        return text.ToString();
    }

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _client.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The gateway took no more of it.
        }
    }
}
