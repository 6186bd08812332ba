using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Redis;

/// <summary>The shared store, where one is configured, answers, runs scripts and takes writes, and no later release wrote what is there in a layout that this one does not know.</summary>
internal sealed class RedisCheck(IServiceProvider services, TimeProvider time) : IStartCheck
{
    private const string Name = "--redis.redis-url (XMTPD_REDIS_URL)";
    private const string ResultsName = "--redis.results-url (XMTPD_REDIS_RESULTS_URL)";
    private const string Probe = "redis.call('SET', KEYS[1], '1', 'PX', '1000') return redis.call('TIME')[1]";
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        if (Options() is not { IsConfigured: true } options) return [];
        List<string> faults = [.. await ProbeAsync(Name, () => services.GetRequiredService<RedisConnection>().Database, options, StoredLayout.Shared, cancellationToken)];
        if (options.ResultsConnectionString is not null)
            faults.AddRange(await ProbeAsync(ResultsName, () => services.GetRequiredService<RedisResultsConnection>().Database, options, StoredLayout.Answers, cancellationToken));
        return faults;
    }

    private async Task<IReadOnlyList<string>> ProbeAsync(string name, Func<IDatabase> connect, RedisOptions options, IReadOnlyDictionary<string, int> layout, CancellationToken cancellationToken)
    {
        try
        {
            // The first use connects, and blocks for that long.
            var store = await Task.Run(connect, cancellationToken);
            await store.ScriptEvaluateAsync(Probe, [$"{options.KeyPrefix}start-check"]).WaitAsync(LongestAnswer, time, cancellationToken);
            var newer = await StoredLayout.FindNewerAsync(store, options.KeyPrefix, layout).WaitAsync(LongestAnswer, time, cancellationToken);
            return newer.Count == 0 ? [] : [$"{name}: a later release of the gateway wrote the {string.Join(" and the ", newer)} there, in a layout that this one does not know; expected that release or a later one"];
        }
        catch (RedisServerException refusal)
        {
            return [$"{name}: the store refuses the gateway: {refusal.Message}; expected Redis 5 or later, writable, with scripts"];
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ObjectDisposedException)
        {
            return [$"{name}: the store does not answer; expected a Redis that can be reached, with the right password"];
        }
    }

    // Faults of the options themselves are listed elsewhere.
    private RedisOptions? Options()
    {
        try
        {
            return services.GetRequiredService<IOptions<RedisOptions>>().Value;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }
}
