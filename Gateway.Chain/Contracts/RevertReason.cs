using System.Globalization;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>Turns revert data into text, for logs and for operators.</summary>
public static class RevertReason
{
    private const int MaxTextLength = 200;

    private static readonly ContractError Text = new("Error(string)");
    private static readonly ContractError Panic = new("Panic(uint256)");
    private static readonly ContractError InvalidPayloadSize = new("InvalidPayloadSize(uint256,uint256,uint256)");
    private static readonly ContractError InsufficientDeposit = new("InsufficientDeposit(uint96,uint96)");

    /// <summary>Errors that are described by their name alone.</summary>
    private static readonly (ContractError Error, string Words)[] Named =
    [
        (BroadcasterContract.Paused, "the contract is paused"),
        (new("NoChange()"), "the state is the same already"),
        (new("NotAdmin()"), "only the administrator may do that"),
        (new("ZeroCount()"), "the range is empty"),
        (new("FromIndexOutOfRange()"), "the range starts past the end"),
        (new("EndIndexOutOfRange()"), "the range ends past the end"),
        (new("ERC721NonexistentToken(uint256)"), "there is no such node"),
        (new("InvalidHttpAddress()"), "the node's address is empty"),
        (new("InvalidSigningPublicKey()"), "the node's key is not 65 bytes, uncompressed"),
        (new("InsufficientBalance()"), "the payer's balance does not cover it"),
        (new("PendingWithdrawalExists()"), "a withdrawal is pending already"),
        (new("NoPendingWithdrawal()"), "no withdrawal is pending"),
        (new("PayerInDebt()"), "the payer's balance is below zero"),
        (new("WithdrawalNotReady(uint32,uint32,uint24)"), "the withdrawal is still locked"),
        (new("ZeroPayer()"), "the payer is the zero address"),
        (new("ZeroRecipient()"), "the recipient is the zero address"),
        (new("ZeroWithdrawalAmount()"), "the amount is zero"),
        (new("TransferFromFailed()"), "the sender has not enough tokens, or has not approved them"),
        (new("ERC20InsufficientBalance(address,uint256,uint256)"), "the sender has not enough tokens"),
        (new("ERC20InsufficientAllowance(address,uint256,uint256)"), "the sender has not approved enough tokens"),
        (new("NotSettler()"), "only the settler may do that"),
        (new("NotNodeOwner()"), "only the node's owner may do that"),
        (new("InvalidOwner()"), "the node's owner is the zero address"),
        (new("MaxNodesReached()"), "the registry takes no more nodes"),
        (new("MaxCanonicalNodesReached()"), "the network has as many nodes as it may"),
        (new("NodeExists(uint32)"), "there is such a node already"),
        (new("InvalidStartTime(uint64,uint64)"), "the rates do not start after the last ones"),
    ];

    /// <summary>The error's name, such as <c>NotAdmin</c>; null when the error is unknown or has no data.</summary>
    public static string? Name(ReadOnlyMemory<byte> data)
    {
        var known = Named.Select(entry => entry.Error)
            .Append(InvalidPayloadSize)
            .Append(InsufficientDeposit)
            .FirstOrDefault(error => error.Is(data));
        return known?.Signature[..known.Signature.IndexOf('(', StringComparison.Ordinal)];
    }

    /// <summary>Text for the data of an error of kind <see cref="RpcErrorKind.Reverted"/>.</summary>
    public static string Of(ReadOnlyMemory<byte> data)
    {
        if (data.Length < 4) return "the contract refused without a reason";
        if (BroadcasterContract.TryReadInvalidPayloadSize(data, out var size))
            return $"the payload is {size.Actual} bytes; the contract takes {size.Min} to {size.Max}";
        if (InsufficientDeposit.TryRead(data, reader => (Amount: reader.UInt64(96), Min: reader.UInt64(96)), out var deposit))
            return $"the deposit is {Dollars(deposit.Amount)}; the contract takes {Dollars(deposit.Min)} at least";
        if (Text.TryRead(data, reader => reader.String(), out var text)) return Printable(text);
        if (Panic.TryRead(data, reader => reader.UInt64(256), out var code)) return $"the contract panicked (0x{code:x2})";
        foreach (var (error, words) in Named)
        {
            if (error.Is(data)) return words;
        }

        return $"the contract refused with {HexData.Format(data.Span[..4])}";
    }

    private static string Dollars(ulong microdollars) => "$" + (microdollars / 1_000_000m).ToString("0.##", CultureInfo.InvariantCulture);

    private static string Printable(string text) =>
        new([.. text.Take(MaxTextLength).Select(letter => char.IsControl(letter) ? ' ' : letter)]);
}
