using System.Net.Http.Headers;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Samples.UserFunded;

/// <summary>
/// The app's service that holds the keys of its users' wallets. A request has a timeout; after a few that fail none is sent for a while,
/// and then one that shows whether the service is back.
/// </summary>
public sealed partial class SigningService : IDisposable
{
    private static readonly Uri Sign = new("sign", UriKind.Relative);

    private readonly HttpClient _http;
    private readonly ResiliencePipeline _calls;

    /// <summary>Creates the client; it connects at the first request.</summary>
    public SigningService(UserFundedOptions options, TimeProvider time, ILogger<SigningService> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _http = new HttpClient { BaseAddress = options.SignerUrl, Timeout = Timeout.InfiniteTimeSpan };
        if (options.SignerToken is { } token) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _calls = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                // Short, so that what succeeded before does not count for long.
                SamplingDuration = 3 * options.SignerTimeout,
                MinimumThroughput = 2,
                FailureRatio = 0.5,
                BreakDuration = options.SignerPause,
                OnOpened = opened =>
                {
                    LogPaused(logger, opened.BreakDuration.TotalSeconds);
                    return default;
                },
                OnClosed = _ =>
                {
                    LogBack(logger);
                    return default;
                },
            })
            .AddTimeout(options.SignerTimeout)
            .Build();
    }

    /// <summary>Signs hashes.</summary>
    /// <param name="hashes">Each with the wallet that signs it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>In the same order, 65 bytes each; null for one that the service does not sign.</returns>
    /// <exception cref="HttpRequestException">The service refused the request, or cannot be reached.</exception>
    /// <exception cref="TimeoutRejectedException">It did not respond in time.</exception>
    /// <exception cref="BrokenCircuitException">It is not asked now, since it failed.</exception>
    /// <exception cref="InvalidDataException">Its response is not one to this request.</exception>
    public async Task<IReadOnlyList<byte[]?>> SignAsync(
        IReadOnlyList<(EthereumAddress Wallet, ReadOnlyMemory<byte> Hash)> hashes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        var request = new SignRequest(
            [.. hashes.Select(one => new HashToSign(one.Wallet.ToString(), Convert.ToHexStringLower(one.Hash.Span)))]);
        var response = await _calls.ExecuteAsync(
            async (body, token) =>
            {
                using var answer = await _http.PostAsJsonAsync(Sign, body, token);
                answer.EnsureSuccessStatusCode();
                return await answer.Content.ReadFromJsonAsync<SignResponse>(token);
            },
            request,
            cancellationToken);
        return response?.Signatures is { } signatures && signatures.Count == hashes.Count
            ? [.. signatures.Select(Parse)]
            : throw new InvalidDataException("the signing service gave another number of signatures than it was asked for");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static byte[]? Parse(string? hex)
    {
        try
        {
            return hex is null ? null : Convert.FromHexString(hex);
        }
        catch (FormatException exception)
        {
            throw new InvalidDataException("the signing service gave a signature that is not hexadecimal", exception);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "the signing service fails; it is not asked for {Seconds} s, and its users are refused")]
    private static partial void LogPaused(ILogger logger, double seconds);

    [LoggerMessage(2, LogLevel.Information, "the signing service signs again")]
    private static partial void LogBack(ILogger logger);

    private sealed record SignRequest(IReadOnlyList<HashToSign> Hashes);

    private sealed record HashToSign(string Wallet, string Hash);

    private sealed record SignResponse(IReadOnlyList<string?>? Signatures);
}
