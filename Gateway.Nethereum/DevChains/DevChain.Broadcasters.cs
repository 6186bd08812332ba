using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Nethereum.DevChains;

/// <content>The contracts that order messages.</content>
public sealed partial class DevChain
{
    private const uint DefaultMinPayloadSize = 78;
    private const uint DefaultMaxPayloadSize = 262_144;

    /// <summary>
    /// Pauses or unpauses a broadcaster or the payer registry, through its setting. On real contracts
    /// <see cref="DevAccounts.SettingsAdministrator"/> changes it.
    /// </summary>
    public async Task<TransactionReceipt> SetPausedAsync(EthereumAddress contract, bool paused, CancellationToken cancellationToken)
    {
        var key = await FindAsync(contract, new PausedParameterKey(), cancellationToken).ConfigureAwait(false) ?? string.Empty;
        await SetParametersAsync(contract, [(key, paused ? 1 : 0)], cancellationToken).ConfigureAwait(false);
        return await SendAsync(contract, new UpdatePauseStatus(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets the payload bounds of a broadcaster, in bytes, through its settings; 0 restores the default.</summary>
    /// <returns>The last transaction: the broadcaster takes the bounds over one by one.</returns>
    public async Task<TransactionReceipt> SetPayloadSizesAsync(
        EthereumAddress broadcaster, uint min, uint max, CancellationToken cancellationToken)
    {
        if (min == 0) min = DefaultMinPayloadSize;
        if (max == 0) max = DefaultMaxPayloadSize;
        var contract = new GroupMessageBroadcasterContract(rpc, broadcaster);
        var hasMin = (await contract.GetMinPayloadSizeAsync(cancellationToken).ConfigureAwait(false)).OrThrow();
        var hasMax = (await contract.GetMaxPayloadSizeAsync(cancellationToken).ConfigureAwait(false)).OrThrow();
        var minKey = await FindAsync(broadcaster, new MinPayloadSizeParameterKey(), cancellationToken).ConfigureAwait(false);
        var maxKey = await FindAsync(broadcaster, new MaxPayloadSizeParameterKey(), cancellationToken).ConfigureAwait(false);
        var receipt = await SetParametersAsync(
            broadcaster, [(minKey ?? string.Empty, min), (maxKey ?? string.Empty, max)], cancellationToken).ConfigureAwait(false);

        // At no time may the lower bound be above the upper one.
        if (min != hasMin && min <= hasMax)
        {
            receipt = await SendAsync(broadcaster, new UpdateMinPayloadSize(), cancellationToken).ConfigureAwait(false);
            hasMin = min;
        }

        if (max != hasMax)
            receipt = await SendAsync(broadcaster, new UpdateMaxPayloadSize(), cancellationToken).ConfigureAwait(false);
        if (min != hasMin)
            receipt = await SendAsync(broadcaster, new UpdateMinPayloadSize(), cancellationToken).ConfigureAwait(false);
        return receipt;
    }
}
