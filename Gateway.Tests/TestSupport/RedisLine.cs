using System.Net.Sockets;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// One connection to a Redis, for commands that have to arrive in a state in which a client library would not connect.
/// </summary>
public sealed class RedisLine : IDisposable
{
    private readonly TcpClient _client;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private RedisLine(TcpClient client)
    {
        _client = client;
        _reader = new StreamReader(client.GetStream());
        _writer = new StreamWriter(client.GetStream()) { AutoFlush = true, NewLine = "\r\n" };
    }

    public static async Task<RedisLine> ConnectAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        return new RedisLine(client);
    }

    /// <summary>Sends a command as people type it; the first line of the answer, an error with its minus.</summary>
    public async Task<string> AskAsync(string command)
    {
        await _writer.WriteLineAsync(command.AsMemory(), TestContext.Current.CancellationToken);
        return await _reader.ReadLineAsync(TestContext.Current.CancellationToken)
            ?? throw new IOException("the server closed the connection");
    }

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
        _client.Dispose();
    }
}
