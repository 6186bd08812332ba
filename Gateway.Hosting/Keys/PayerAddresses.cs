using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>A payer of this gateway.</summary>
/// <param name="Name">Its name; null where the gateway has one payer.</param>
/// <param name="Address">Its address.</param>
/// <param name="Setting">The setting that gave its key, for faults.</param>
internal sealed record PayerAddress(string? Name, EthereumAddress Address, string Setting)
{
    /// <summary>Whether it pays now: another one of its name may pay from a date on, or have paid until one.</summary>
    public bool IsInForce { get; init; } = true;
}

/// <summary>The addresses of all payers of this gateway: of one, or of those of a payers file.</summary>
/// <param name="read">Reads them; throws <see cref="GatewayStartException"/> while keys have faults.</param>
internal sealed class PayerAddresses(Func<IReadOnlyList<PayerAddress>> read)
{
    /// <summary>Whether there is a payers file, however many payers it has.</summary>
    public bool AreOfFile { get; init; }

    /// <summary>The addresses, in the order of the file.</summary>
    /// <exception cref="GatewayStartException">A key was not given, or cannot be used.</exception>
    public IReadOnlyList<PayerAddress> All => read();

    /// <summary>Those of a gateway with one payer, whose signer is registered.</summary>
    public static PayerAddresses OfOne(IServiceProvider services) => new(() =>
    [
        new PayerAddress(
            null, services.GetRequiredService<ISigner>().Address, services.GetService<PayerKeySource>()?.SettingInUse ?? ""),
    ]);
}
