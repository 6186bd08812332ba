using Amazon.KeyManagementService;
using Amazon.Runtime;

namespace Xmtp.Gateway.Samples.AwsKms;

/// <summary>The settings of a KMS client with short timeouts, since a publish waits for its signature.</summary>
public static class KmsCalls
{
    /// <summary>The timeout of one attempt.</summary>
    public static TimeSpan TryTimeout { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The number of retries of a call when KMS throttles, fails or does not respond.</summary>
    public const int Retries = 2;

    /// <summary>The settings of a client.</summary>
    /// <param name="endpoint">An endpoint other than the region's, such as that of a VPC; null for the region's own.</param>
    public static AmazonKeyManagementServiceConfig Config(string? endpoint = null)
    {
        var config = new AmazonKeyManagementServiceConfig
        {
            Timeout = TryTimeout,
            MaxErrorRetry = Retries,
            RetryMode = RequestRetryMode.Standard,
        };
        if (!string.IsNullOrWhiteSpace(endpoint)) config.ServiceURL = endpoint;
        return config;
    }
}
