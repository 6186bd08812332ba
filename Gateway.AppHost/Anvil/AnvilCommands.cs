using System.Globalization;
using System.Numerics;
using Nethereum.Contracts;

namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>The dashboard's buttons on an Anvil: what a developer does by hand all day.</summary>
internal static class AnvilCommands
{
    private const string GroupMessages = "group messages";
    private const string IdentityUpdates = "identity updates";

    /// <summary>Adds them. Each says what it did, or what the contract said against it.</summary>
    public static IResourceBuilder<IAnvilResource> WithDeveloperCommands(this IResourceBuilder<IAnvilResource> anvil) => anvil
        .WithChainCommand("fund-wallet", "Fund a wallet", "WalletCreditCard", [Text("account", ContractAddresses.Payer), Text("ether", "10")], FundAsync)
        .WithChainCommand("deposit", "Deposit for a payer", "MoneyHand", [Text("payer", ContractAddresses.Payer), Text("dollars", "100")], DepositAsync)
        .WithChainCommand("register-node", "Register a node", "ServerLink", [Text("http address", "http://127.0.0.1:5063"), Text("signing public key", string.Empty)], RegisterNodeAsync)
        .WithChainCommand("pause", "Pause or resume a broadcaster", "PauseCircle", [Choice("broadcaster", GroupMessages, IdentityUpdates), Choice("what", "pause", "resume")], PauseAsync)
        .WithChainCommand("mine", "Mine blocks", "Cube", [Text("blocks", "1")], MineAsync);

    private static async Task<string> FundAsync(LocalChain chain, InteractionInputCollection inputs, CancellationToken stop)
    {
        var ether = Number(inputs["ether"]);
        await chain.FundAsync(Word(inputs["account"]), ether, stop);
        return $"added {ether} ether to {Word(inputs["account"])}";
    }

    private static async Task<string> DepositAsync(LocalChain chain, InteractionInputCollection inputs, CancellationToken stop)
    {
        var dollars = Number(inputs["dollars"]);
        await chain.DepositAsync(Word(inputs["payer"]), new BigInteger(dollars * 1_000_000), stop);
        return $"deposited ${dollars} for {Word(inputs["payer"])}";
    }

    private static async Task<string> RegisterNodeAsync(LocalChain chain, InteractionInputCollection inputs, CancellationToken stop)
    {
        var id = await chain.RegisterNodeAsync(Word(inputs["http address"]), Word(inputs["signing public key"]), stop);
        return $"node {id} at {Word(inputs["http address"])} is part of the network";
    }

    private static async Task<string> PauseAsync(LocalChain chain, InteractionInputCollection inputs, CancellationToken stop)
    {
        var paused = Word(inputs["what"]) == "pause";
        var broadcaster = Word(inputs["broadcaster"]) == GroupMessages ? ContractAddresses.GroupMessageBroadcaster : ContractAddresses.IdentityUpdateBroadcaster;
        await chain.SetPausedAsync(broadcaster, paused, stop);
        return $"the broadcaster of {Word(inputs["broadcaster"])} is {(paused ? "paused" : "running")}";
    }

    private static async Task<string> MineAsync(LocalChain chain, InteractionInputCollection inputs, CancellationToken stop)
    {
        var blocks = (int)Number(inputs["blocks"]);
        await chain.MineAsync(blocks, stop);
        return $"mined {blocks} blocks";
    }

    private static IResourceBuilder<IAnvilResource> WithChainCommand(
        this IResourceBuilder<IAnvilResource> anvil, string name, string title, string icon, InteractionInput[] inputs,
        Func<LocalChain, InteractionInputCollection, CancellationToken, Task<string>> run) =>
        anvil.WithCommand(name, title, context => RunAsync(anvil.Resource, context, run), new CommandOptions
        {
            Arguments = inputs,
            IconName = icon,
            UpdateState = state => state.ResourceSnapshot.State?.Text == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
        });

    private static async Task<ExecuteCommandResult> RunAsync(
        IAnvilResource anvil, ExecuteCommandContext context, Func<LocalChain, InteractionInputCollection, CancellationToken, Task<string>> run)
    {
        try
        {
            var chain = await LocalChain.OfAsync(anvil, context.CancellationToken);
            return CommandResults.Success(await run(chain, context.Arguments, context.CancellationToken));
        }
        catch (SmartContractCustomErrorRevertException refusal)
        {
            // The first four bytes say which of the contract's errors it is.
            return CommandResults.Failure($"the contract refused it: error {refusal.ExceptionEncodedData}");
        }
#pragma warning disable CA1031 // Whoever clicked is told what went wrong, whatever it was.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return CommandResults.Failure(error.Message);
        }
    }

    private static InteractionInput Text(string name, string value) => new() { Name = name, InputType = InputType.Text, Required = true, Value = value };

    private static InteractionInput Choice(string name, params string[] values) => new()
    {
        Name = name,
        InputType = InputType.Choice,
        Required = true,
        Value = values[0],
        Options = [.. values.Select(value => KeyValuePair.Create(value, value))],
    };

    private static string Word(InteractionInput input) => input.Value?.Trim() is { Length: > 0 } text ? text : throw new ArgumentException($"{input.Name} is missing");

    private static decimal Number(InteractionInput input) =>
        decimal.TryParse(input.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{input.Name}: expected a number above zero, not '{input.Value}'");
}
