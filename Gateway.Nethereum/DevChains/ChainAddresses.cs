using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Nethereum.DevChains;

/// <summary>The contracts' addresses on the local chain: those of the <c>anvil</c> environment.</summary>
public static class ChainAddresses
{
    /// <summary>Orders group commits and proposals.</summary>
    public static readonly EthereumAddress GroupMessageBroadcaster = EthereumAddress.Parse("0x062741d1daE094dcE72A4895462E17A9bAD4d119");

    /// <summary>Orders identity updates.</summary>
    public static readonly EthereumAddress IdentityUpdateBroadcaster = EthereumAddress.Parse("0xCF4dEB9D7dBb100002a97d4E95F667c43c01FC10");

    /// <summary>Lists the nodes.</summary>
    public static readonly EthereumAddress NodeRegistry = EthereumAddress.Parse("0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C");

    /// <summary>Lists the prices.</summary>
    public static readonly EthereumAddress RateRegistry = EthereumAddress.Parse("0xf0fC16E20Edb4ED762fBd3724F4EbFAeD07018b0");

    /// <summary>Keeps the payers' balances.</summary>
    public static readonly EthereumAddress PayerRegistry = EthereumAddress.Parse("0xB49a1142Bc0407EB0c406EfBb3e32fbC8daa9fCe");

    /// <summary>Accepts the usage reports.</summary>
    public static readonly EthereumAddress PayerReportManager = EthereumAddress.Parse("0xbBFAc1B3083E66b574342D23edD39ADeE6f78f80");

    /// <summary>The token in which balances are kept.</summary>
    public static readonly EthereumAddress FeeToken = EthereumAddress.Parse("0xEab788E7Fa86E902a8191aCE37C12f8CBeB24162");

    /// <summary>The stablecoin behind the fee token.</summary>
    public static readonly EthereumAddress UnderlyingFeeToken = EthereumAddress.Parse("0x7038bc51F17055592A5e2099D058023BF0dBe2Eb");

    /// <summary>Keeps the settings of the contracts, of both chains.</summary>
    public static readonly EthereumAddress ParameterRegistry = EthereumAddress.Parse("0x7b48CF29e46904518eD6512Bcc65127575d57716");

    /// <summary>Shares out the fees that were settled.</summary>
    public static readonly EthereumAddress DistributionManager = EthereumAddress.Parse("0x9AD9d7F8589D7EBfcCDdda64F3da6e1a447680dB");

    /// <summary>The settlement chain's end of the bridge.</summary>
    public static readonly EthereumAddress SettlementChainGateway = EthereumAddress.Parse("0x6F3d6AB54ef11F375c2BB61DBaC3990DdE14583f");

    /// <summary>The App Chain's end of the bridge.</summary>
    public static readonly EthereumAddress AppChainGateway = EthereumAddress.Parse("0x82A7354cF88a527182277bD9c5f728f6CA8354Fd");
}
