using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Nethereum.DevChains;

/// <summary>
/// Anvil's own accounts: funded on every local chain, and public. Their keys are public test keys, so never use them
/// elsewhere.
/// </summary>
public static class DevAccounts
{
    /// <summary>The private keys of the first four accounts.</summary>
    public static readonly IReadOnlyList<string> PrivateKeys =
    [
        "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
        "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
    ];

    /// <summary>
    /// The sender of the administrator's calls to stand-ins, which take them from it as well as from
    /// <see cref="SettingsAdministrator"/>, and the owner of the nodes that are added: the tenth account, which nothing else
    /// uses here.
    /// </summary>
    public static readonly EthereumAddress Administrator = EthereumAddress.Parse("0xa0Ee7A142d267C1f36714E4a8F75612F20a79720");

    /// <summary>The first account: on a local chain the administrator of the settings and of the nodes, real or stand-in.</summary>
    public static readonly EthereumAddress SettingsAdministrator = EthereumAddress.Parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

    /// <summary>The second account: the wallet that pays on a local network.</summary>
    public static readonly EthereumAddress Payer = EthereumAddress.Parse("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");

    /// <summary>A signer with the key of one of the first four accounts.</summary>
    public static PrivateKeySigner Signer(int index) =>
        PrivateKeySigner.TryParse(PrivateKeys[index], out var signer)
            ? signer
            : throw new InvalidOperationException("the key is not valid");
}
