using System.Globalization;
using System.Net.Sockets;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Parses <c>redis://</c>, <c>rediss://</c> (over TLS) and <c>unix://</c> URLs, with the query parameters of Go's
/// client.
/// </summary>
/// <remarks>
/// <c>redis://user:password@host:port/database?name=value</c>, <c>unix://user:password@/path?db=database</c>. An
/// unknown parameter is a fault, since it would have no effect. A fault shows no part of the URL that may be secret.
/// </remarks>
internal sealed class RedisUrl
{
    private const int DefaultPort = 6379;

    // One connection serves all callers and reconnects by itself: parameters of a pool or of retries have no effect.
    private static readonly string[] WithoutEffect =
    [
        "max_retries",
        "min_retry_backoff",
        "max_retry_backoff",
        "pool_fifo",
        "pool_size",
        "pool_timeout",
        "min_idle_conns",
        "max_idle_conns",
        "max_active_conns",
        "conn_max_idle_time",
        "conn_max_lifetime",
        "max_conn_age",
        "idle_timeout",
        "idle_check_frequency",
        "read_buffer_size",
        "write_buffer_size",
        "failing_timeout_seconds",
    ];

    private RedisUrl(ConfigurationOptions options) => Options = options;

    /// <summary>The options for the client.</summary>
    public ConfigurationOptions Options { get; }

    /// <summary>Whether the server's certificate is not checked (<c>skip_verify</c>).</summary>
    public bool SkipsVerification { get; private set; }

    /// <summary>Whether the URL sets the connect timeout (<c>dial_timeout</c>).</summary>
    public bool HasConnectTimeout { get; private set; }

    /// <summary>Reads a URL.</summary>
    /// <exception cref="FormatException">The URL is unusable; the message says why.</exception>
    public static RedisUrl Read(string text)
    {
        var (scheme, rest) = Cut(text, "://");
        if (rest.Contains('#', StringComparison.Ordinal)) throw new FormatException("a # in it must be written as %23");
        var (place, query) = Cut(rest, "?");
        if (query.Contains('@', StringComparison.Ordinal)) throw new FormatException("a ? in a password must be written as %3F");
        var url = new RedisUrl(new ConfigurationOptions());
        switch (scheme.ToLowerInvariant())
        {
            case "redis" or "valkey":
                url.ReadServer(place, ssl: false);
                break;
            case "rediss" or "valkeys":
                url.ReadServer(place, ssl: true);
                break;
            case "unix":
                url.ReadSocket(place);
                break;
            default:
                throw new FormatException(
                    "its scheme is not known; redis://, rediss:// (TLS) and unix:// are. Sentinels and clusters are named as " +
                    "host:port,host:port and options");
        }

        url.ReadQuery(query);
        return url;
    }

    private void ReadServer(string place, bool ssl)
    {
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        var (authority, path) = slash < 0 ? (place, "") : (place[..slash], place[slash..].Trim('/'));
        var (host, port) = HostOf(ReadUser(authority));
        Options.Ssl = ssl;
        if (ssl) Options.SslHost = host;
        Options.EndPoints.Add(host, port);
        if (path.Length > 0) Options.DefaultDatabase = DatabaseOf(path);
    }

    private void ReadSocket(string place)
    {
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || ReadUser(place[..slash]).Length > 0)
            throw new FormatException("the path of a socket begins with /, as in unix:///run/redis.sock");
        Options.EndPoints.Add(new UnixDomainSocketEndPoint(Uri.UnescapeDataString(place[slash..])));
    }

    // Returns the text after the user part.
    private string ReadUser(string authority)
    {
        var at = authority.LastIndexOf('@');
        if (at < 0) return authority;
        var (user, password) = Cut(authority[..at], ":");
        if (user.Length > 0) Options.User = Uri.UnescapeDataString(user);
        if (password.Length > 0) Options.Password = Uri.UnescapeDataString(password);
        return authority[(at + 1)..];
    }

    private static (string Host, int Port) HostOf(string text)
    {
        var end = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        var (host, port) = end < 0 ? (text, "") : (text[..end], text[end..]);
        host = host.Trim('[', ']');
        if (host.Contains(',', StringComparison.Ordinal) || port.Contains(',', StringComparison.Ordinal))
            throw new FormatException("it names several servers, which only the form host:port,host:port and options does");
        var number = DefaultPort;
        if (port is not ("" or ":")
            && (!int.TryParse(port.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out number)
                || number is < 1 or > 65535
                || port[0] != ':'))
        {
            throw new FormatException("its port is none");
        }
        return (host.Length > 0 ? host : "localhost", number);
    }

    private void ReadQuery(string query)
    {
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, raw) = Cut(pair, "=");
            var value = Uri.UnescapeDataString(raw.Replace('+', ' '));
            try
            {
                if (!Apply(name, value)) throw new FormatException("is not known");
            }
            catch (FormatException exception)
                when (name.Length is > 0 and <= 40 && name.All(letter => char.IsAsciiLetter(letter) || letter == '_'))
            {
                throw new FormatException($"its parameter {name} {exception.Message}", exception);
            }
            catch (FormatException exception)
            {
                throw new FormatException($"a parameter behind its ? {exception.Message}", exception);
            }
        }
    }

    private bool Apply(string name, string value)
    {
        switch (name)
        {
            case "db":
                Options.DefaultDatabase = DatabaseOf(value);
                return true;
            case "dial_timeout":
                if (MillisecondsOf(value) is { } dial)
                {
                    Options.ConnectTimeout = dial;
                    HasConnectTimeout = true;
                }
                return true;
            case "read_timeout":
                if (MillisecondsOf(value) is { } read)
                {
                    Options.AsyncTimeout = read;
                    Options.SyncTimeout = read;
                }
                return true;
            case "write_timeout":
                _ = MillisecondsOf(value);
                return true;
            case "client_name":
                Options.ClientName = value;
                return true;
            case "protocol":
                Options.Protocol = value switch
                {
                    "2" => RedisProtocol.Resp2,
                    "3" => RedisProtocol.Resp3,
                    _ => throw new FormatException("is 2 or 3")
                };
                return true;
            case "skip_verify" when Options.Ssl:
                SkipsVerification = value is "true" or "1"
                    || (value is "false" or "0" or "" ? false : throw new FormatException("is true or false"));
                return true;
            case "skip_verify":
                throw new FormatException("belongs to rediss://, as there is no certificate otherwise");
            default:
                return WithoutEffect.Contains(name);
        }
    }

    private static int DatabaseOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var database)
            ? database
            : throw new FormatException("its database is not a number of at least 0");

    // A bare number is seconds; 0, a negative number or an empty text leaves the default.
    private static int? MillisecondsOf(string text)
    {
        if (text.Length == 0) return null;
        if (!GoDuration.TryParse(
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? text + "s" : text, out var duration))
        {
            throw new FormatException("is not a duration such as 5s or 300ms");
        }
        return duration > TimeSpan.Zero ? (int)Math.Clamp(duration.TotalMilliseconds, 1, int.MaxValue / 8) : null;
    }

    private static (string Before, string Behind) Cut(string text, string mark)
    {
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + mark.Length)..]);
    }
}
