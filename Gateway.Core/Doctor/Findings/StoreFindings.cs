using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>
/// Checks the eviction policies of both Redis servers: the shared store must evict nothing, the one of the answers'
/// bodies may. And whether a shared store with replicas stops taking writes when it is cut off from them.
/// </summary>
internal static class StoreFindings
{
    private const string Unread = "the server is unavailable, or does not tell it";
    private const string Keeps = "noeviction";
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(5);

    private static readonly DoctorFinding Unguarded = DoctorFinding.Warning(
        "Redis min-replicas-to-write",
        "0, and it has replicas: cut off from them it goes on taking writes that a failover loses, and what is published may be paid " +
        "for twice; set 1 (--redis.redis-url)");

    internal static async Task AddAsync(DoctorExamination examination, IServiceProvider services, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<UncheckedOptions<RedisOptions>>().Value;
        var shared = options.ConnectionString is null && services.GetService<IConnectionMultiplexer>() is { } registered
            ? new RedisOptions { ConnectionString = registered.Configuration, ConnectTimeout = options.ConnectTimeout }
            : options;
        if (shared.ConnectionString is null) return;
        if (await ReadAsync(shared, cancellationToken).ConfigureAwait(false) is { } found)
        {
            examination.Add(Shared(found));
            if (found.IsUnguarded) examination.Add(Unguarded);
        }
        else
        {
            examination.Add(DoctorFinding.NotChecked("Redis maxmemory-policy", Unread));
        }

        if (options.ResultsConnectionString is null) return;
        examination.Add(await ReadAsync(options.OfResults(), cancellationToken).ConfigureAwait(false) is { } ofResults
            ? OfResults(ofResults)
            : DoctorFinding.NotChecked("Redis of results maxmemory-policy", Unread));
    }

    private static DoctorFinding Shared(Found found) => found.Policy == Keeps
        ? DoctorFinding.Ok("Redis maxmemory-policy", Keeps)
        : DoctorFinding.Warning(
            "Redis maxmemory-policy",
            $"{found.Policy} evicts claims, limits and budgets: what is published may be paid for twice; set {Keeps} (--redis.redis-url)");

    private static DoctorFinding OfResults(Found found) => found is { Policy: Keeps, IsBounded: true }
        ? DoctorFinding.Warning(
            "Redis of results maxmemory-policy",
            $"{Keeps}: once it is full it takes no more answers; set allkeys-lru or volatile-ttl (--redis.results-url)")
        : DoctorFinding.Ok("Redis of results maxmemory-policy", found.Policy);

    // INFO is allowed where CONFIG is forbidden, but the client treats both as commands of an administrator, which the
    // gateway is not. A server that returns no policy, or is unavailable, is reported by other checks.
    private static async Task<Found?> ReadAsync(RedisOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var client = RedisConfiguration.Read(options);
            client.AllowAdmin = true;
            var connection = await ConnectionMultiplexer.ConnectAsync(client)
                .WaitAsync(options.ConnectTimeout + MaxAnswerTime, cancellationToken).ConfigureAwait(false);
            await using var connectionScope = connection.ConfigureAwait(false);
            var text = (await connection.GetDatabase()
                .ExecuteAsync("INFO")
                .WaitAsync(MaxAnswerTime, cancellationToken).ConfigureAwait(false)).ToString();
            var lines = text.Split('\n')
                .Select(line => line.Trim().Split(':', 2))
                .Where(line => line.Length == 2)
                .DistinctBy(line => line[0])
                .ToDictionary(line => line[0], line => line[1], StringComparer.Ordinal);
            if (!lines.TryGetValue("maxmemory_policy", out var policy)) return null;
            // The count of good replicas is there where min-replicas-to-write is set. In a cluster the majority decides.
            return new Found(
                policy,
                lines.GetValueOrDefault("maxmemory") is not (null or "0"),
                lines.GetValueOrDefault("connected_slaves") is not (null or "0")
                    && !lines.ContainsKey("min_slaves_good_slaves")
                    && lines.GetValueOrDefault("cluster_enabled") != "1");
        }
        catch (Exception exception) when (RedisFault.Is(exception) || exception is ArgumentException or FormatException)
        {
            return null;
        }
    }

    private sealed record Found(string Policy, bool IsBounded, bool IsUnguarded);
}
