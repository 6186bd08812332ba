using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Doctor;

/// <summary>
/// Checks the eviction policies of both Redis servers: the shared store must evict nothing, the one of the answers'
/// bodies may.
/// </summary>
internal static class StoreFindings
{
    private const string Keeps = "noeviction";
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(5);

    internal static async Task AddAsync(DoctorExamination examination, IServiceProvider services, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<UncheckedOptions<RedisOptions>>().Value;
        var shared = options.ConnectionString is null && services.GetService<IConnectionMultiplexer>() is { } registered
            ? new RedisOptions { ConnectionString = registered.Configuration, ConnectTimeout = options.ConnectTimeout }
            : options;
        if (shared.ConnectionString is null) return;
        if (await PolicyAsync(shared, cancellationToken).ConfigureAwait(false) is { } policy) examination.Add(Shared(policy));
        if (options.ResultsConnectionString is null) return;
        if (await PolicyAsync(options.OfResults(), cancellationToken).ConfigureAwait(false) is { } ofResults)
            examination.Add(OfResults(ofResults));
    }

    private static DoctorFinding Shared((string Policy, bool IsBounded) found) => found.Policy == Keeps
        ? DoctorFinding.Ok("Redis maxmemory-policy", Keeps)
        : DoctorFinding.Warning(
            "Redis maxmemory-policy",
            $"{found.Policy} evicts claims, limits and budgets: what is published may be paid for twice; set {Keeps} (--redis.redis-url)");

    private static DoctorFinding OfResults((string Policy, bool IsBounded) found) => found is { Policy: Keeps, IsBounded: true }
        ? DoctorFinding.Warning(
            "Redis of results maxmemory-policy",
            $"{Keeps}: once it is full it takes no more answers; set allkeys-lru or volatile-ttl (--redis.results-url)")
        : DoctorFinding.Ok("Redis of results maxmemory-policy", found.Policy);

    // INFO is allowed where CONFIG is forbidden, but the client treats both as commands of an administrator, which the
    // gateway is not. A server that returns no policy, or is unavailable, is reported by other checks.
    private static async Task<(string Policy, bool IsBounded)?> PolicyAsync(RedisOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var client = RedisConfiguration.Read(options);
            client.AllowAdmin = true;
            var connection = await ConnectionMultiplexer.ConnectAsync(client)
                .WaitAsync(options.ConnectTimeout + MaxAnswerTime, cancellationToken).ConfigureAwait(false);
            await using var connectionScope = connection.ConfigureAwait(false);
            var text = (await connection.GetDatabase()
                .ExecuteAsync("INFO", "memory")
                .WaitAsync(MaxAnswerTime, cancellationToken).ConfigureAwait(false)).ToString();
            var lines = text.Split('\n')
                .Select(line => line.Trim().Split(':', 2))
                .Where(line => line.Length == 2)
                .ToDictionary(line => line[0], line => line[1], StringComparer.Ordinal);
            return lines.TryGetValue("maxmemory_policy", out var policy)
                ? (policy, lines.GetValueOrDefault("maxmemory") is not (null or "0"))
                : null;
        }
        catch (Exception exception) when (RedisFault.Is(exception) || exception is ArgumentException or FormatException)
        {
            return null;
        }
    }
}
