using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Publishing;

/// <summary>The services of one payer.</summary>
/// <param name="Name">Its name; null where the gateway has one payer.</param>
/// <param name="Services">Its services: those of the gateway where it has one payer.</param>
internal sealed record PayerScope(string? Name, IServiceProvider Services)
{
    /// <summary>When another wallet pays in its place; null for never.</summary>
    internal DateTimeOffset? Until { get; init; }

    /// <summary>The wallet that is meant, where it is not the one that pays now.</summary>
    internal ComingWallet? Coming { get; init; }
}

/// <summary>A wallet that pays for a payer's callers from a date on.</summary>
/// <param name="Address">Its address.</param>
/// <param name="From">That date.</param>
internal sealed record ComingWallet(EthereumAddress Address, DateTimeOffset From);

/// <summary>Which version of the payers file is in force; not registered where the gateway has one payer.</summary>
/// <param name="read">Reads it: the beginning of the SHA-256 of the file.</param>
internal sealed class PayersVersion(Func<string> read)
{
    /// <summary>The version now.</summary>
    internal string Now => read();
}

/// <summary>The services of each payer; not registered where the gateway has one payer.</summary>
/// <param name="read">Builds them; throws <c>GatewayStartException</c> while the payers file has faults.</param>
/// <param name="coming">Those of wallets that pay from a date on, with the services of the one that pays now.</param>
/// <param name="count">How many payers there are.</param>
internal sealed class PayerScopes(
    Func<IReadOnlyList<PayerScope>> read, Func<IReadOnlyList<PayerScope>> coming, Func<int> count)
{
    /// <summary>The payers that are in use, in the order of the file; where none is, the first ones. At least one.</summary>
    internal IReadOnlyList<PayerScope> All => read();

    /// <summary>How many payers the file has.</summary>
    internal int Count => count();

    /// <summary>The wallets that pay from a date on, the next one of a name first.</summary>
    internal IReadOnlyList<PayerScope> Coming => coming();

    /// <summary>The payers of a gateway: those of its payers file that are in use, or the one that has its services.</summary>
    internal static IReadOnlyList<PayerScope> Of(IServiceProvider gateway) =>
        gateway.GetService<PayerScopes>()?.All ?? [new PayerScope(null, gateway)];
}
