using System.Reflection;

namespace Xmtp.Gateway.Tests.Oracle;

/// <summary>How many generated inputs each comparison with Nethereum takes.</summary>
internal static class Cases
{
    public const int Hashes = 2_000;
    public const int AddressesOfKeys = 500;
    public const int Checksums = 1_000;
    public const int ChangedChecksums = 1_000;
    public const int Signatures = 400;
    public const int SignaturesOfNBitcoin = 1_000;
    public const int FeeMarketTransactions = 400;
    public const int LegacyTransactions = 400;
    public const int BrokenTransactions = 3_000;
    public const int Tuples = 1_500;
    public const int ACall = 200;
    public const int AnEvent = 200;
    public const int AResult = 200;
    public const int ARefusal = 200;
}

public class CasesTests
{
    [Fact]
    public void Ten_thousand_generated_inputs_are_compared() =>
        Assert.True(
            typeof(Cases).GetFields(BindingFlags.Static | BindingFlags.Public).Sum(field => (int)field.GetRawConstantValue()!) >= 10_000);
}
