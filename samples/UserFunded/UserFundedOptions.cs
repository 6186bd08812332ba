using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Samples.UserFunded;

/// <summary>The settings of this sample, from variables.</summary>
/// <param name="SignerUrl">The signing service: <c>SIGNER_URL</c>.</param>
/// <param name="SignerToken">Its bearer token: <c>SIGNER_TOKEN</c>; null for none.</param>
/// <param name="SignerTimeout">How long it may take for a request: <c>SIGNER_TIMEOUT</c>; 2 s.</param>
/// <param name="SignerPause">How long it is not asked after it failed: <c>SIGNER_PAUSE</c>; 5 s.</param>
/// <param name="AppPaysForOthers">
/// Whether the app pays for users without money: <c>USERS_WITHOUT_MONEY</c>, <c>paid</c> or <c>refused</c>; it does.
/// </param>
/// <param name="MinBalance">The balance from which a user pays: <c>USER_MIN_BALANCE</c>, in microdollars; 10,000 ($0.01).</param>
public sealed record UserFundedOptions(
    Uri SignerUrl, string? SignerToken, TimeSpan SignerTimeout, TimeSpan SignerPause, bool AppPaysForOthers, Microdollars MinBalance)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidOperationException">One is missing, or cannot be used.</exception>
    public static UserFundedOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new UserFundedOptions(
            configuration.GetValue<Uri>("SIGNER_URL")
                ?? throw new InvalidOperationException("SIGNER_URL is missing: the URL of the service that signs for users"),
            configuration["SIGNER_TOKEN"],
            configuration.GetValue("SIGNER_TIMEOUT", TimeSpan.FromSeconds(2)),
            configuration.GetValue("SIGNER_PAUSE", TimeSpan.FromSeconds(5)),
            configuration.GetValue("USERS_WITHOUT_MONEY", "paid") switch
            {
                "paid" => true,
                "refused" => false,
                _ => throw new InvalidOperationException("USERS_WITHOUT_MONEY: expected paid or refused"),
            },
            new Microdollars(configuration.GetValue("USER_MIN_BALANCE", 10_000L)));
    }
}
