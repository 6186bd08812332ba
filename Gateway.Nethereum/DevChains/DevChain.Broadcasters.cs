using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Nethereum.DevChains;

/// <content>The contracts that order messages.</content>
public sealed partial class DevChain
{
    /// <summary>
    /// Pauses or unpauses a broadcaster or the payer registry. Real contracts are paused by a setting, which
    /// <see cref="DevAccounts.SettingsAdministrator"/> changes.
    /// </summary>
    public async Task<TransactionReceipt> SetPausedAsync(EthereumAddress contract, bool paused, CancellationToken cancellationToken)
    {
        if (await FindAddressAsync<ParameterRegistry>(contract, cancellationToken).ConfigureAwait(false) is not { } settings)
            return await SendAsync(contract, new SetPaused { Value = paused }, cancellationToken).ConfigureAwait(false);

        var key = await FindAsync<PausedParameterKey>(contract, cancellationToken).ConfigureAwait(false) ?? string.Empty;
        var value = new byte[Bytes32.Size];
        value[^1] = paused ? (byte)1 : (byte)0;
        await SendAsync(
            settings,
            new SetParameter { Key = key, Value = value },
            cancellationToken,
            DevAccounts.SettingsAdministrator).ConfigureAwait(false);
        return await SendAsync(contract, new UpdatePauseStatus(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets the payload bounds of a stand-in broadcaster, in bytes; 0 restores the default.</summary>
    public Task<TransactionReceipt> SetPayloadSizesAsync(
        EthereumAddress broadcaster, uint min, uint max, CancellationToken cancellationToken) =>
        SendAsync(broadcaster, new SetPayloadSizes { Min = min, Max = max }, cancellationToken);
}
