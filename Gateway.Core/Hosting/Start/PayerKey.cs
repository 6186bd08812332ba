using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>The signer that is made of <c>--payer.private-key</c>, unless another one is registered.</summary>
internal static class PayerKey
{
    /// <summary>Makes the signer.</summary>
    /// <exception cref="GatewayStartException">No key was given.</exception>
    public static ISigner Signer(IServiceProvider services) =>
        PrivateKeySigner.TryParse(services.GetRequiredService<UncheckedOptions<PayerOptions>>().Value.PrivateKey, out var signer)
            ? signer
            : throw new GatewayStartException([PayerKeyCheck.Missing]);
}

/// <summary>There is a signer.</summary>
internal sealed class PayerKeyCheck(IServiceProvider services, SettingTable table) : IStartCheck
{
    /// <summary>The fault.</summary>
    public const string Missing = "--payer.private-key (XMTPD_PAYER_PRIVATE_KEY): required, unless the program calls UseSigner; expected a secp256k1 private key of 64 hexadecimal digits, with or without 0x";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> faults = [];
        try
        {
            _ = services.GetRequiredService<ISigner>();
        }
        catch (GatewayStartException missing)
        {
            // A key that was given and is none is listed by the options.
            var isGiven = table.Group<PayerSettings>().Faults(services).Any(fault => fault.StartsWith("--payer.private-key", StringComparison.Ordinal));
            if (!isGiven) faults = missing.Faults;
        }

        return Task.FromResult(faults);
    }
}
