using Amazon.KeyManagementService;
using Amazon.Runtime;

namespace Xmtp.Gateway.Samples.AwsKms;

/// <summary>How KMS is called: a client of it gives up soon, since a publish waits for its signature.</summary>
public static class KmsCalls
{
    /// <summary>How long one try may take.</summary>
    public static TimeSpan TryTimeout { get; } = TimeSpan.FromSeconds(2);

    /// <summary>How many more tries a call has, when KMS throttles, fails or does not answer.</summary>
    public const int Retries = 2;

    /// <summary>The settings of a client.</summary>
    /// <param name="endpoint">Another endpoint than the region's, such as a VPC's; null for the region's own.</param>
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
