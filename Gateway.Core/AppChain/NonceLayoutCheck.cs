using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain;

/// <summary>Checks that the nonce store was not written by a later release, whose layout this release does not know.</summary>
internal sealed class NonceLayoutCheck(IServiceProvider services, TimeProvider time) : IStartCheck
{
    internal static readonly string Fault = StoredLayout.Fault(RedisCheck.Name, "nonces");

    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Subject => "nonces in Redis";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var options = services.GetRequiredService<IOptions<RedisOptions>>().Value;
            if (!options.IsConfigured) return [];
            var chainId = services.GetRequiredService<IOptions<ContractsOptions>>().Value.AppChain.ChainId;
            var payers = services.GetRequiredService<PayerAddresses>().All;
            var store = await Task.Run(
                () => services.GetRequiredService<RedisConnection>().Database, cancellationToken).ConfigureAwait(false);
            var areNewer = await Task.WhenAll(payers.Select(
                payer => RedisNonceStore.IsNewerAsync(store, options.KeyPrefix, new NonceStream(chainId, payer.Address))))
                .WaitAsync(MaxAnswerTime, time, cancellationToken).ConfigureAwait(false);
            return areNewer.Contains(true) ? [Fault] : [];
        }
        catch (Exception exception)
            when (exception is GatewayStartException or OptionsValidationException or ArgumentException or FormatException
                || RedisFault.Is(exception))
        {
            // Faults of the key, the options and the store are reported by their own checks.
            return [];
        }
    }
}
