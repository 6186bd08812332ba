using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>The shared store.</summary>
internal sealed class RedisSettings : SettingGroup<RedisOptions>
{
    private const string Expected = "expected a redis://, rediss:// or unix:// URL, or host:port and options";

    /// <summary>The rows.</summary>
    public RedisSettings()
        : base("Shared store", "Xmtp:Redis")
    {
        Amend(Add("redis.redis-url", "XMTPD_REDIS_URL", "ConnectionString", SettingTypes.SecretText, (o, v) => o.ConnectionString = v, null,
            "redis://, rediss:// (TLS) or unix:// URL, or a connection string, which names sentinels and clusters too; a secret. Else " +
            "`ConnectionStrings:redis`; without either state is kept in memory, for one gateway alone",
            "XMTPD_REDIS_CONNECTION_STRING") with
        {
            Secret = true,
            Aliases = ["redis.connection-string"],
        });
        Amend(Add(
            "redis.results-url",
            "XMTPD_REDIS_RESULTS_URL",
            "ResultsConnectionString",
            SettingTypes.SecretText,
            (o, v) => o.ResultsConnectionString = v,
            null,
            "another server for the bodies of answers, which may evict them; a secret. Claims and the marks of what was published stay " +
            "in the shared store") with
        {
            Secret = true,
        });
        Add(
            "redis.key-prefix",
            "XMTPD_REDIS_KEY_PREFIX",
            "KeyPrefix",
            SettingTypes.Text,
            (o, v) => o.KeyPrefix = v,
            "xmtpd:",
            "prefix of every key");
        Add(
            "redis.connect-timeout",
            "XMTPD_REDIS_CONNECT_TIMEOUT",
            "ConnectTimeout",
            SettingTypes.PositiveDuration,
            (o, v) => o.ConnectTimeout = v,
            "10s",
            "how long the start waits for Redis, which may start later");
    }

    /// <inheritdoc/>
    protected override void Prepare(RedisOptions options, IConfiguration configuration, ICollection<string> faults)
    {
        if (configuration.GetConnectionString(RedisClient.ConnectionName) is { Length: > 0 } text) options.ConnectionString = text;
    }

    /// <inheritdoc/>
    protected override void Check(RedisOptions options, ICollection<string> faults)
    {
        if (options.ConnectionString is not null && RedisConfiguration.Fault(options) is { } fault)
        {
            faults.Add(
                $"--redis.redis-url (XMTPD_REDIS_URL): the value given, or ConnectionStrings:redis in its place, is " +
                $"wrong: {fault}; {Expected}");
        }
        if (options.ResultsConnectionString is null) return;
        if (RedisConfiguration.Fault(options.OfResults()) is { } ofResults)
            faults.Add($"--redis.results-url (XMTPD_REDIS_RESULTS_URL): the value given is wrong: {ofResults}; {Expected}");
        else if (!options.IsConfigured)
        {
            faults.Add(
                "--redis.results-url (XMTPD_REDIS_RESULTS_URL): answers are kept apart from claims, and there is no store for claims; " +
                "expected --redis.redis-url (XMTPD_REDIS_URL) too");
        }
    }
}
