using System.Numerics;
using Nethereum.Contracts;
using Nethereum.Hex.HexConvertors.Extensions;
using Nethereum.Hex.HexTypes;
using Nethereum.Web3;

namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>What a developer does to a local chain by hand. Sends from an account that Anvil has unlocked.</summary>
/// <remarks>
/// On the real contracts the administrator decides on nodes and pauses, and deposits are taken in tokens; the stand-ins
/// let everyone. What a contract refuses is an exception with the contract's word in it.
/// </remarks>
internal sealed class LocalChain(Web3 web3, bool hasRealContracts)
{
    private const long WeiPerGwei = 1_000_000_000;

    /// <summary>The chain of a resource that has its port already.</summary>
    public static async Task<LocalChain> OfAsync(IAnvilResource anvil, CancellationToken stop) =>
        new(new Web3(await anvil.ConnectionStringExpression.GetValueAsync(stop)), anvil.HasRealContracts);

    /// <summary>How many rates there were ever.</summary>
    public Task<BigInteger> CountRatesAsync(CancellationToken stop) => AskAsync<GetRatesCount, BigInteger>(ContractAddresses.RateRegistry, stop);

    /// <summary>How many nodes are the network.</summary>
    public Task<BigInteger> CountNodesAsync(CancellationToken stop) => AskAsync<CanonicalNodesCount, BigInteger>(ContractAddresses.NodeRegistry, stop);

    /// <summary>Adds native money to an account.</summary>
    public async Task FundAsync(string account, decimal ether, CancellationToken stop)
    {
        var had = await web3.Eth.GetBalance.SendRequestAsync(account).WaitAsync(stop);
        var added = new BigInteger(ether * WeiPerGwei) * WeiPerGwei;
        await TellAsync("anvil_setBalance", stop, account, new HexBigInteger(had.Value + added));
    }

    /// <summary>Mines blocks now.</summary>
    public Task MineAsync(int blocks, CancellationToken stop) => TellAsync("anvil_mine", stop, new HexBigInteger(blocks));

    /// <summary>Puts money into a payer's balance.</summary>
    public async Task DepositAsync(string payer, BigInteger microdollars, CancellationToken stop)
    {
        if (!hasRealContracts)
        {
            await SendAsync(ContractAddresses.PayerRegistry, new Deposit { Payer = payer, Amount = microdollars }, stop);
            return;
        }

        var token = await AskAsync<FeeToken, string>(ContractAddresses.PayerRegistry, stop);
        var stablecoin = await AskAsync<Underlying, string>(token, stop);
        await SendAsync(stablecoin, new Mint { To = ContractAddresses.Administrator, Amount = microdollars }, stop);
        await SendAsync(stablecoin, new Approve { Spender = token, Amount = microdollars }, stop);
        await SendAsync(token, new Wrap { Amount = microdollars }, stop);
        await SendAsync(token, new Approve { Spender = ContractAddresses.PayerRegistry, Amount = microdollars }, stop);
        await SendAsync(ContractAddresses.PayerRegistry, new Deposit { Payer = payer, Amount = microdollars }, stop);
    }

    /// <summary>Adds a node and makes it part of the network.</summary>
    /// <returns>Its id: the registry gives multiples of 100, in order.</returns>
    public async Task<uint> RegisterNodeAsync(string httpAddress, string signingPublicKey, CancellationToken stop)
    {
        await SendAsync(ContractAddresses.NodeRegistry, new AddNode { SigningPublicKey = signingPublicKey.HexToByteArray(), HttpAddress = httpAddress }, stop);
        var id = (uint)await AskAsync<GetAllNodesCount, BigInteger>(ContractAddresses.NodeRegistry, stop) * 100;
        await SendAsync(ContractAddresses.NodeRegistry, new AddToNetwork { NodeId = id }, stop);
        return id;
    }

    /// <summary>Pauses a broadcaster, or lets it go on.</summary>
    public async Task SetPausedAsync(string broadcaster, bool paused, CancellationToken stop)
    {
        if (!hasRealContracts)
        {
            await SendAsync(broadcaster, new SetPaused { Value = paused }, stop);
            return;
        }

        var settings = await AskAsync<ParameterRegistry, string>(broadcaster, stop);
        var key = await AskAsync<PausedParameterKey, string>(broadcaster, stop);
        var value = new byte[32];
        value[^1] = paused ? (byte)1 : (byte)0;
        await SendAsync(settings, new SetParameter { Key = key, Value = value }, stop);
        await SendAsync(broadcaster, new UpdatePauseStatus(), stop);
    }

    private Task<TAnswer> AskAsync<TQuestion, TAnswer>(string contract, CancellationToken stop)
        where TQuestion : FunctionMessage, new() => web3.Eth.GetContractQueryHandler<TQuestion>().QueryAsync<TAnswer>(contract, new TQuestion()).WaitAsync(stop);

    private async Task SendAsync<TMessage>(string contract, TMessage message, CancellationToken stop)
        where TMessage : FunctionMessage, new()
    {
        message.FromAddress = ContractAddresses.Administrator;
        var receipt = await web3.Eth.GetContractTransactionHandler<TMessage>().SendRequestAndWaitForReceiptAsync(contract, message, stop);
        if (receipt.HasErrors() == true) throw new InvalidOperationException($"{typeof(TMessage).Name} was mined and reverted");
    }

    private Task<object> TellAsync(string method, CancellationToken stop, params object[] parameters) =>
        web3.Client.SendRequestAsync<object>(method, null, parameters).WaitAsync(stop);
}
