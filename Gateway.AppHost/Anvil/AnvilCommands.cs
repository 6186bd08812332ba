using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Nethereum.DevChains;

namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>The dashboard's commands on an Anvil, for common tasks of a developer.</summary>
internal static class AnvilCommands
{
    private const string GroupMessages = "group messages";
    private const string IdentityUpdates = "identity updates";
    private const decimal WeiPerEther = 1_000_000_000_000_000_000;

    /// <summary>Adds the commands. Each reports what it did, or why the contract reverted.</summary>
    public static IResourceBuilder<IAnvilResource> WithDeveloperCommands(this IResourceBuilder<IAnvilResource> anvil) => anvil
        .WithChainCommand(
            "fund-wallet",
            "Fund a wallet",
            "WalletCreditCard",
            [Text("account", DevAccounts.Payer.ToString()), Text("ether", "10")],
            FundAsync)
        .WithChainCommand(
            "deposit",
            "Deposit for a payer",
            "MoneyHand",
            [Text("payer", DevAccounts.Payer.ToString()), Text("dollars", "100")],
            DepositAsync)
        .WithChainCommand(
            "register-node",
            "Register a node",
            "ServerLink",
            [Text("http address", "http://127.0.0.1:5063"), Text("signing public key", string.Empty)],
            RegisterNodeAsync)
        .WithChainCommand(
            "pause",
            "Pause or resume a broadcaster",
            "PauseCircle",
            [Choice("broadcaster", GroupMessages, IdentityUpdates), Choice("what", "pause", "resume")],
            PauseAsync)
        .WithChainCommand("mine", "Mine blocks", "Cube", [Text("blocks", "1")], MineAsync);

    private static async Task<string> FundAsync(DevChain chain, InteractionInputCollection inputs, CancellationToken stoppingToken)
    {
        var ether = Number(inputs["ether"]);
        await chain.FundAsync(Account(inputs["account"]), new Wei((UInt128)(ether * WeiPerEther)), stoppingToken);
        return $"added {ether} ether to {Word(inputs["account"])}";
    }

    private static async Task<string> DepositAsync(DevChain chain, InteractionInputCollection inputs, CancellationToken stoppingToken)
    {
        var dollars = Number(inputs["dollars"]);
        await chain.DepositAsync(Account(inputs["payer"]), new Microdollars((Int128)(dollars * 1_000_000)), stoppingToken);
        return $"deposited ${dollars} for {Word(inputs["payer"])}";
    }

    private static async Task<string> RegisterNodeAsync(DevChain chain, InteractionInputCollection inputs, CancellationToken stoppingToken)
    {
        var id = await chain.RegisterNextNodeAsync(PublicKey(inputs["signing public key"]), Word(inputs["http address"]), stoppingToken);
        return $"node {id} at {Word(inputs["http address"])} is part of the network";
    }

    private static async Task<string> PauseAsync(DevChain chain, InteractionInputCollection inputs, CancellationToken stoppingToken)
    {
        var paused = Word(inputs["what"]) == "pause";
        var broadcaster = Word(inputs["broadcaster"]) == GroupMessages
            ? ChainAddresses.GroupMessageBroadcaster
            : ChainAddresses.IdentityUpdateBroadcaster;
        await chain.SetPausedAsync(broadcaster, paused, stoppingToken);
        return $"the broadcaster of {Word(inputs["broadcaster"])} is {(paused ? "paused" : "running")}";
    }

    private static async Task<string> MineAsync(DevChain chain, InteractionInputCollection inputs, CancellationToken stoppingToken)
    {
        var blocks = (int)Number(inputs["blocks"]);
        await chain.MineAsync(blocks, stoppingToken);
        return $"mined {blocks} blocks";
    }

    private static IResourceBuilder<IAnvilResource> WithChainCommand(
        this IResourceBuilder<IAnvilResource> anvil, string name, string title, string icon, InteractionInput[] inputs,
        Func<DevChain, InteractionInputCollection, CancellationToken, Task<string>> run) =>
        anvil.WithRunningCommand(name, title, icon, context => RunAsync(anvil.Resource, context, run), inputs);

    private static async Task<ExecuteCommandResult> RunAsync(
        IAnvilResource anvil,
        ExecuteCommandContext context,
        Func<DevChain, InteractionInputCollection, CancellationToken, Task<string>> run)
    {
        try
        {
            return CommandResults.Success(
                await anvil.OnChainAsync(
                    (chain, stoppingToken) => run(chain, context.Arguments, stoppingToken), context.CancellationToken));
        }
        catch (RpcException exception) when (exception.Error.Kind == RpcErrorKind.Reverted)
        {
            var name = RevertReason.Name(exception.Error.Data) is { } error ? $" ({error})" : string.Empty;
            return CommandResults.Failure($"the contract refused it{name}: {RevertReason.Of(exception.Error.Data)}");
        }
    }

    private static InteractionInput Text(
        string name, string value) => new() { Name = name, InputType = InputType.Text, Required = true, Value = value };

    private static InteractionInput Choice(string name, params string[] values) => new()
    {
        Name = name,
        InputType = InputType.Choice,
        Required = true,
        Value = values[0],
        Options = [.. values.Select(value => KeyValuePair.Create(value, value))],
    };

    private static string Word(InteractionInput input) =>
        input.Value?.Trim() is { Length: > 0 } text ? text : throw new ArgumentException($"{input.Name} is missing");

    private static EthereumAddress Account(InteractionInput input) =>
        EthereumAddress.TryParse(Word(input), out var address)
            ? address
            : throw new ArgumentException($"{input.Name}: expected an address, 0x and 40 hexadecimal digits, not '{input.Value}'");

    private static byte[] PublicKey(InteractionInput input)
    {
        var digits = Word(input);
        return HexData.TryParse(digits.StartsWith("0x", StringComparison.Ordinal) ? digits : "0x" + digits, out var key) && key.Length == 65
            ? key
            : throw new ArgumentException($"{input.Name}: expected an uncompressed key, 0x04 and 128 hexadecimal digits");
    }

    private static decimal Number(InteractionInput input) =>
        decimal.TryParse(input.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{input.Name}: expected a number above zero, not '{input.Value}'");
}
