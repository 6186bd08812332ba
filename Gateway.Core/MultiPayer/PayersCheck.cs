using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Checks the payers file at the start, and that nothing else names a payer.</summary>
internal sealed class PayersCheck(
    IServiceProvider services,
    IServiceProviderIsService registered,
    PayerSet payers,
    PayersFileCheck file,
    PayerKeySource key,
    SettingTable table,
    UncheckedOptions<ContractsOptions> contracts,
    TimeProvider time) : IStartCheck
{
    private readonly string _name = table.Group<PayersSettings>().Name;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        List<string> faults = [.. file.Faults(payers.Reading), .. OtherPayers()];
        return faults.Count > 0 ? faults : await KindAsync(cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<string> OtherPayers()
    {
        foreach (var given in key.Given)
            yield return $"{given}: it names the one payer for everyone, and {_name} several; expected one of both";
        if (registered.IsService(typeof(ISigner)))
            yield return $"UseSigner: it names the one payer for everyone, and {_name} several; expected UsePayerSigner";
        if (registered.IsService(typeof(INonceStore)))
            yield return $"INonceStore: it holds the nonces of one account, and {_name} names several; expected none";
    }

    private async Task<IReadOnlyList<string>> KindAsync(CancellationToken cancellationToken)
    {
        try
        {
            var check = new AppChainKindCheck(services, contracts, time);
            return await check.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception other)
            when (other is GatewayStartException or OptionsValidationException or InvalidOperationException or ArgumentException)
        {
            // Faults of the options are reported by their own checks.
            return [];
        }
    }
}
