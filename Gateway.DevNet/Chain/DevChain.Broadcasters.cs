using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Chain;

/// <content>The contracts that order messages.</content>
public sealed partial class DevChain
{
    /// <summary>Pauses a broadcaster or the payer registry, or lets it go on.</summary>
    public Task<TransactionReceipt> SetPausedAsync(EthereumAddress contract, bool paused, CancellationToken cancellationToken) =>
        SendAsync(contract, StandInFunctions.SetPaused, new AbiWriter().Bool(paused), cancellationToken);

    /// <summary>Sets what sizes of payload a broadcaster takes, in bytes; 0 is the default.</summary>
    public Task<TransactionReceipt> SetPayloadSizesAsync(EthereumAddress broadcaster, uint min, uint max, CancellationToken cancellationToken) =>
        SendAsync(broadcaster, StandInFunctions.SetPayloadSizes, new AbiWriter().UInt(min).UInt(max), cancellationToken);
}
