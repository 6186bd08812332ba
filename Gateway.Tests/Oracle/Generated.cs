using System.Numerics;
using CsCheck;
using Nethereum.Util;

namespace Xmtp.Gateway.Tests.Oracle;

/// <summary>Comparisons over generated inputs. A failure prints the smallest input that was found, and the seed that repeats it.</summary>
internal static class Generated
{
    private static readonly TimeSpan End = TimeSpan.FromMinutes(8);

    private static readonly byte[] OrderLessOne = Convert.FromHexString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140");

    /// <summary>A private key: any, a very small one, or the largest.</summary>
    public static Gen<byte[]> PrivateKey { get; } = Gen.Frequency(
        (8, Gen.Byte.Array[32]), (1, Gen.Byte[1, 255].Select(last => (byte[])[.. new byte[31], last])), (1, Gen.Const(OrderLessOne)));

    /// <summary>A hash: any, or one at the edges of the curve's order.</summary>
    public static Gen<byte[]> Hash { get; } = Gen.Frequency(
        (8, Gen.Byte.Array[32]),
        (1, Gen.OneOf(Gen.Const(new byte[32]), Gen.Const(OrderLessOne), Gen.Const(Enumerable.Repeat((byte)0xff, 32).ToArray()))));

    /// <summary>A number of 0 to 64 bits; small ones are as frequent as large ones.</summary>
    public static Gen<ulong> UInt64 { get; } = Gen.Select(
        Gen.Int[0, 64], Gen.ULong, (bits, value) => bits == 64 ? value : value & ((1UL << bits) - 1));

    /// <summary>A number of 0 to 128 bits.</summary>
    public static Gen<UInt128> UInt128 { get; } = Gen.Select(
        Gen.Frequency((2, Gen.Const(0UL)), (1, UInt64)), UInt64, (high, low) => new UInt128(high, low));

    /// <summary>An address with its checksum, as Nethereum writes it.</summary>
    public static Gen<string> Address { get; } = Gen.Byte.Array[20].Select(bytes => AddressUtil.Current.ConvertToChecksumAddress(bytes));

    /// <summary>A value of an ABI type, as Nethereum takes it.</summary>
    public static Gen<object> OfType(string type) => type switch
    {
        "bool" => Gen.Bool.Select(value => (object)value),
        "address" => Address.Select(value => (object)value),
        "bytes" => Gen.Byte.Array[0, 200].Select(value => (object)value),
        "string" => Gen.Char[' ', '\u07ff'].Array[0, 80].Select(value => (object)new string(value)),
        _ when type.EndsWith("[]", StringComparison.Ordinal) => OfType(type[..^2]).List[0, 6].Select(value => (object)value),
        _ when type.StartsWith("bytes", StringComparison.Ordinal) => Gen.Byte.Array[Size(type, "bytes")].Select(value => (object)value),
        _ when type.StartsWith("uint", StringComparison.Ordinal) => Number(Size(type, "uint")).Select(value => (object)value),
        _ when type.StartsWith("int", StringComparison.Ordinal) =>
            Gen.Select(Number(Size(type, "int") - 1), Gen.Bool, (value, isNegative) => (object)(isNegative ? -value - 1 : value)),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such type"),
    };

    /// <summary>One value of each type.</summary>
    public static Gen<object[]> OfTypes(IEnumerable<string> types) =>
        types.Select(OfType)
            .Aggregate(Gen.Const(Array.Empty<object>()), (values, one) => Gen.Select(values, one, (all, next) => (object[])[.. all, next]));

    /// <summary>Compares so many times.</summary>
    public static Task AgreeAsync<T>(Gen<T> inputs, int cases, Action<T> compare, int threads = -1) =>
        Task.Run(() => inputs.Sample(compare, iter: cases, threads: threads), TestContext.Current.CancellationToken)
            .WaitAsync(End, TestContext.Current.CancellationToken);

    private static Gen<BigInteger> Number(int bits) => Gen.Select(Gen.Int[0, bits], Gen.Byte.Array[32], (used, bytes) =>
        new BigInteger(bytes, isUnsigned: true) & ((BigInteger.One << used) - 1));

    private static int Size(string type, string prefix) =>
        int.Parse(type.AsSpan(prefix.Length), System.Globalization.CultureInfo.InvariantCulture);
}
