using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Checks that the shared store, if configured, responds, runs scripts and accepts writes, and that no later release
/// wrote its contents in a layout unknown to this one. Waits for a store that is not available yet.
/// </summary>
internal sealed class RedisCheck(IServiceProvider services, TimeProvider time) : IStartCheck
{
    /// <summary>The flag and the variable of the shared store.</summary>
    internal const string Name = "--redis.redis-url (XMTPD_REDIS_URL)";
    private const string ResultsName = "--redis.results-url (XMTPD_REDIS_RESULTS_URL)";
    private const long KeptMilliseconds = 1000;
    private static readonly TimeSpan MaxAnswer = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Whether only a fault that does not pass by itself, such as a refused password, is one: for a host that waits for its
    /// store after the start, and has a layout of its own.
    /// </summary>
    internal bool MayBeUnavailable { get; init; }

    /// <inheritdoc/>
    public string Subject => "Redis";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        if (Options() is not { IsConfigured: true } options) return [];
        var looks = new List<Task<string?>>
        {
            WaitAsync(Name, () => services.GetRequiredService<RedisConnection>().Database, options, StoredLayout.Shared, cancellationToken),
        };
        if (options.ResultsConnectionString is not null)
        {
            looks.Add(
                WaitAsync(
                    ResultsName,
                    () => services.GetRequiredService<RedisResultsConnection>().Database,
                    options,
                    StoredLayout.Answers,
                    cancellationToken));
        }
        return [.. (await Task.WhenAll(looks).ConfigureAwait(false)).OfType<string>()];
    }

    private async Task<string?> WaitAsync(
        string name,
        Func<IDatabase> connect,
        RedisOptions options,
        IReadOnlyDictionary<string, int> layout,
        CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var (result, newer) = await LookAsync(connect, options, layout, cancellationToken).ConfigureAwait(false);
            if (newer.Count > 0 && !MayBeUnavailable) return StoredLayout.Fault(name, newer);
            if (result.Status == StoreStatus.Good || (MayBeUnavailable && !result.IsLasting)) return null;
            if (result.IsLasting || time.GetElapsedTime(began) >= options.ConnectTimeout)
            {
                return $"{name}: the store {result.Reason}; expected a Redis 5 or later that can be reached, takes writes, and runs " +
                    $"scripts";
            }
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(StoreCheckResult Look, IReadOnlyList<string> Newer)> LookAsync(
        Func<IDatabase> connect, RedisOptions options, IReadOnlyDictionary<string, int> layout, CancellationToken cancellationToken)
    {
        try
        {
            // The first use connects, and blocks until it has.
            var store = await Task.Run(connect, cancellationToken).ConfigureAwait(false);
            var left = options.ConnectTimeout < MaxAnswer ? options.ConnectTimeout : MaxAnswer;
            await store.ScriptEvaluateAsync(RedisStoreScripts.Probe, [$"{options.KeyPrefix}start-check"], [KeptMilliseconds])
                .WaitAsync(left, time, cancellationToken).ConfigureAwait(false);
            return (default, await StoredLayout.FindNewerAsync(store, options.KeyPrefix, layout)
                .WaitAsync(left, time, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (RedisFault.Is(exception))
        {
            return (RedisFault.Of(exception), []);
        }
    }

    // Faults of the options themselves are reported elsewhere.
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
