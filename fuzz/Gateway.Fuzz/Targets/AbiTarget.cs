using System.Collections;
using System.Globalization;
using System.Numerics;
using Nethereum.ABI.FunctionEncoding;
using Nethereum.ABI.Model;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// Members that can be read are the same after they were written again, to this reader and to Nethereum's. Nothing but
/// <see cref="AbiException"/> is thrown, and no list has more elements than the input has words.
/// The first byte of an input says how many members there are, the next ones their types.
/// </summary>
public sealed class AbiTarget : IFuzzTarget
{
    private const int MaxMembers = 4;

    private static readonly string[] Types =
    [
        "uint8", "uint32", "uint64", "uint96", "uint128", "uint256", "int8", "int104", "int256", "bool", "address",
        "bytes1", "bytes16", "bytes32", "bytes", "string", "uint32[]", "address[]",
    ];

    public string Name => "abi";

    public string Summary => "the members of a tuple in ABI encoding, compared with Nethereum";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("numbers", Seed(["uint8", "int104", "uint256"], new AbiWriter().UInt(7).Int(-7).Int(BigInteger.Pow(2, 255)))),
        ("bool-address", Seed(["bool", "address"], new AbiWriter().Bool(true).Address(new EthereumAddress(Bytes.Counted(20))))),
        ("fixed-bytes", Seed(["bytes1", "bytes16", "bytes32"],
            new AbiWriter().FixedBytes([7]).FixedBytes(Bytes.Counted(16)).FixedBytes(Bytes.Counted(32)))),
        ("bytes-string", Seed(["bytes", "string"], new AbiWriter().Bytes(Bytes.Counted(40)).String("a node"))),
        ("lists", Seed(["uint32[]", "address[]"],
            new AbiWriter().Array<uint>([1, 2, 3], (inner, item) => inner.UInt(item))
                .Array<byte>([1, 2], (inner, item) => inner.Address(new EthereumAddress([.. Bytes.Counted(19), item]))))),
        ("lists-in-one-place", Seed(["uint32[]", "uint32[]"],
            new AbiWriter().UInt(64).UInt(64).UInt(2).UInt(1).UInt(2))),
        ("offset-past-the-end", Seed(["bytes"], new AbiWriter().UInt(uint.MaxValue))),
    ];

    public void Run(byte[] input)
    {
        var count = 1 + Bytes.Choice(input, 0, MaxMembers);
        string[] types = [.. Enumerable.Range(1, count).Select(at => Types[Bytes.Choice(input, at, Types.Length)])];
        var data = Bytes.After(input, 1 + count);
        if (!TryRead(types, data, out var values)) return;
        foreach (var list in values.OfType<object[]>()) Expect.That(list.Length <= data.Length / 32, "a list is longer than the input");

        var writer = new AbiWriter();
        for (var i = 0; i < count; i++) Write(writer, types[i], values[i]);
        var written = writer.ToArray();
        Expect.That(TryRead(types, written, out var again), "what was written cannot be read");
        Expect.Same(Text(values), Text(again), "the members, written and read again");
        Expect.Same(Text(values), Text(ByNethereum(types, written)), "the members to Nethereum");
    }

    private static bool TryRead(string[] types, byte[] data, out object[] values)
    {
        try
        {
            var reader = new AbiReader(data);
            values = [.. types.Select(type => Read(reader, type))];
            return true;
        }
        catch (AbiException)
        {
            values = [];
            return false;
        }
    }

    private static object Read(AbiReader reader, string type) => type switch
    {
        "bool" => reader.Bool(),
        "address" => reader.Address(),
        "string" => reader.String(),
        "bytes" => reader.Bytes().ToArray(),
        "uint8" or "uint32" or "uint64" => (BigInteger)reader.UInt64(Size(type[4..])),
        _ when type.EndsWith("[]", StringComparison.Ordinal) => reader.Array(inner => Read(inner, type[..^2])),
        _ when type.StartsWith("bytes", StringComparison.Ordinal) => reader.FixedBytes(Size(type[5..])).ToArray(),
        _ when type.StartsWith("uint", StringComparison.Ordinal) => reader.UInt(Size(type[4..])),
        _ => reader.Int(Size(type[3..])),
    };

    private static void Write(AbiWriter writer, string type, object value)
    {
        switch (value)
        {
            case bool flag: writer.Bool(flag); break;
            case EthereumAddress address: writer.Address(address); break;
            case string text: writer.String(text); break;
            case byte[] bytes when type == "bytes": writer.Bytes(bytes); break;
            case byte[] bytes: writer.FixedBytes(bytes); break;
            case object[] items: writer.Array(items, (inner, item) => Write(inner, type[..^2], item)); break;
            default: writer.Int((BigInteger)value); break;
        }
    }

    private static IEnumerable<object> ByNethereum(string[] types, byte[] data) =>
        new ParameterDecoder().DecodeDefaultData(data, [.. types.Select((type, i) => new Parameter(type, i + 1))])
            .Select(output => output.Result);

    private static string Text(object value) => value switch
    {
        byte[] bytes => Convert.ToHexStringLower(bytes),
        string text when text.StartsWith("0x", StringComparison.Ordinal) && text.Length == 42 => text.ToLowerInvariant(),
        string text => text,
        EthereumAddress address => address.ToString().ToLowerInvariant(),
        IEnumerable list => $"[{string.Join(' ', list.Cast<object>().Select(Text))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static byte[] Seed(string[] types, AbiWriter data) =>
        [(byte)(types.Length - 1), .. types.Select(type => (byte)Array.IndexOf(Types, type)), .. data.ToArray()];

    private static int Size(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
}
