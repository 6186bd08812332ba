using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// The connection to the server of the response bodies, if one is configured. A lost connection is restored
/// automatically; until then commands fail at once.
/// </summary>
internal sealed class RedisResultsConnection(IOptions<RedisOptions> options) : IAsyncDisposable
{
    private readonly ServiceProvider _nothing = new ServiceCollection().BuildServiceProvider();
    private readonly Lock _making = new();
    private volatile RedisConnection? _connection;

    /// <summary>The connection; null before the first use.</summary>
    internal RedisConnection? Connection => _connection;

    /// <summary>The server; the first use connects and blocks for some seconds at most.</summary>
    internal IDatabase Database
    {
        get
        {
            if (_connection is null)
            {
                lock (_making) _connection ??= new RedisConnection(Options.Create(options.Value.OfResults()), _nothing);
            }

            return _connection.Database;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync().ConfigureAwait(false);
        await _nothing.DisposeAsync().ConfigureAwait(false);
    }
}
