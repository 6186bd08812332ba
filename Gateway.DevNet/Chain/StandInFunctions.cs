using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>The functions of the stand-ins that change something, for whoever plays the network's administrator.</summary>
internal static class StandInFunctions
{
    public static readonly ContractFunction AddNodeWithId = new("addNodeWithId(uint32,address,bytes,string)");
    public static readonly ContractFunction AddToNetwork = new("addToNetwork(uint32)");
    public static readonly ContractFunction RemoveFromNetwork = new("removeFromNetwork(uint32)");
    public static readonly ContractFunction SetHttpAddress = new("setHttpAddress(uint32,string)");
    public static readonly ContractFunction AddRates = new("addRates((uint64,uint64,uint64,uint64,uint64))");
    public static readonly ContractFunction Deposit = new("deposit(address,uint96)");
    public static readonly ContractFunction SettleUsage = new("settleUsage(bytes32,(address,uint96)[])");
    public static readonly ContractFunction RequestWithdrawal = new("requestWithdrawal(uint96)");
    public static readonly ContractFunction CancelWithdrawal = new("cancelWithdrawal()");
    public static readonly ContractFunction FinalizeWithdrawal = new("finalizeWithdrawal(address)");
    public static readonly ContractFunction SetPaused = new("setPaused(bool)");
    public static readonly ContractFunction SetPayloadSizes = new("setPayloadSizes(uint32,uint32)");
    public static readonly ContractFunction Submit = new("submit(uint32,uint64,uint64,uint32,bytes32,uint32[],(uint32,bytes)[])");
    public static readonly ContractFunction Settle = new("settle(uint32,uint256,bytes[],bytes32[])");
}
