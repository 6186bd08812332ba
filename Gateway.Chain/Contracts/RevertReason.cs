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

    /// <summary>The error's name, such as <c>NotAdmin</c>; null when the error is unknown or has no data.</summary>
    public static string? Name(ReadOnlyMemory<byte> data)
    {
        var known = KnownContractErrors.Named.Select(entry => entry.Error)
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
        foreach (var (error, words) in KnownContractErrors.Named)
        {
            if (error.Is(data)) return words;
        }

        return $"the contract refused with {HexData.Format(data.Span[..4])}";
    }

    private static string Dollars(ulong microdollars) => "$" + (microdollars / 1_000_000m).ToString("0.##", CultureInfo.InvariantCulture);

    private static string Printable(string text) =>
        new([.. text.Take(MaxTextLength).Select(letter => char.IsControl(letter) ? ' ' : letter)]);
}
