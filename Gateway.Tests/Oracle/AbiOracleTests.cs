using System.Numerics;
using CsCheck;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Oracle;

public class AbiOracleTests
{
    private static readonly string[] Types =
    [
        "uint8", "uint32", "uint64", "uint96", "uint128", "uint256", "int8", "int104", "int256", "bool", "address",
        "bytes1", "bytes16", "bytes32", "bytes", "string", "uint32[]", "address[]",
    ];

    [Fact]
    public Task Members_of_any_types_are_written_and_read_as_by_Nethereum() =>
        Generated.AgreeAsync(Gen.Int[0, Types.Length - 1].Select(i => Types[i]).Array[0, 8]
            .SelectMany(types => Generated.OfTypes(types), (types, values) => (types, values)), Cases.Tuples, input =>
        {
            var (types, values) = input;
            var writer = new AbiWriter();
            for (var i = 0; i < types.Length; i++) Write(writer, types[i], values[i]);
            var data = writer.ToArray();

            Assert.Equal(new NethereumAbi($"f({string.Join(',', types)})").EncodeData(values), data);
            var reader = new AbiReader(data);
            for (var i = 0; i < types.Length; i++) Assert.Equal(values[i], Read(reader, types[i]));
        });

    private static void Write(AbiWriter writer, string type, object value)
    {
        switch (value)
        {
            case bool flag: writer.Bool(flag); break;
            case string text when type == "address": writer.Address(EthereumAddress.Parse(text)); break;
            case string text: writer.String(text); break;
            case byte[] bytes when type == "bytes": writer.Bytes(bytes); break;
            case byte[] bytes: writer.FixedBytes(bytes); break;
            case BigInteger number: writer.Int(number); break;
            case List<object> items: writer.Array(items, (inner, item) => Write(inner, type[..^2], item)); break;
        }
    }

    private static object Read(AbiReader reader, string type) => type switch
    {
        "bool" => reader.Bool(),
        "address" => reader.Address().ToString(),
        "string" => reader.String(),
        "bytes" => reader.Bytes().ToArray(),
        _ when type.EndsWith("[]", StringComparison.Ordinal) => reader.Array(inner => Read(inner, type[..^2])).ToList(),
        _ when type.StartsWith("bytes", StringComparison.Ordinal) => reader.FixedBytes(Size(type[5..])).ToArray(),
        _ when type.StartsWith("uint", StringComparison.Ordinal) => reader.UInt(Size(type[4..])),
        _ => reader.Int(Size(type[3..])),
    };

    private static int Size(string digits) => int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);
}
