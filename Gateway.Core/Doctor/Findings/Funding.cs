using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>Where and how to fund the payer on its network; <c>docs/operations.md</c> has the steps.</summary>
internal sealed class Funding(ContractsOptions contracts, EthereumAddress payer)
{
    private const ulong Base = 8453;
    private const ulong BaseSepolia = 84532;
    private const string More = "steps in docs/operations.md, Funding the payer";

    /// <summary>How to raise the balance in the payer registry, for messages.</summary>
    internal string Payer => Network switch
    {
        Base => $"send USDC and a little ETH to {payer} on Base, then `xmtp-gateway payer deposit AMOUNT`; {More}",
        BaseSepolia => $"send a little Base Sepolia ETH to {payer}, then `xmtp-gateway payer mint 100` and " +
            $"`xmtp-gateway payer deposit 100`, or use https://testnet.fund.xmtp.org; {More}",
        _ when IsLocal => $"`xmtp-gateway payer mint 100` and `xmtp-gateway payer deposit 100`; {More}",
        _ => $"deposit for {payer} to the payer registry {contracts.SettlementChain.PayerRegistry}; {More}",
    };

    /// <summary>How to raise the gas on the App Chain, for commits and identity updates.</summary>
    internal string Gas => Network switch
    {
        Base => $"move fee tokens from Base to {payer} on the App Chain, as the funding portal does " +
            $"(https://docs.xmtp.org/fund-agents-apps/fund-your-app); {More}",
        BaseSepolia => $"fund {payer} on the App Chain at https://testnet.fund.xmtp.org; {More}",
        _ when IsLocal => $"\"Fund a wallet\" of Anvil in the AppHost's dashboard, or anvil_setBalance for {payer}; {More}",
        _ => $"send gas money to {payer} on the App Chain; {More}",
    };

    private ulong Network => contracts.SettlementChain.ChainId;

    private bool IsLocal => ContractsEnvironment.IsLocal(contracts);
}
