using Xmtp.Gateway.Tests.Hosting;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>What a payers file may not say of the gas that a payer gives its senders.</summary>
public sealed class FundSendersFileTests
{
    private const string ByClaim = """ "callers": [{ "claim": "app", "value": "a" }] """;
    private const string Place = "payers[0] (app-a): fundSenders: ";

    [Theory]
    [InlineData("""{ "below": "0.002", "to": "0.01", "maxPerDay": "0.05" }""", null)]
    [InlineData("""{ "below": "0.000000001", "to": "1000000", "maxPerDay": "1000000" }""", null)]
    [InlineData("""{ "below": "0.002", "to": "0.01", "maxPerDay": "0.008" }""", null)]
    [InlineData("""{ "below": "0.002", "to": "0.01", "maxPerDay": "0.007999999" }""", "maxPerDay: expected at least what lifts a sender")]
    [InlineData("""{ "below": "0.01", "to": "0.01", "maxPerDay": "0.05" }""", "below: expected less than to")]
    [InlineData("""{ "below": "0.01", "to": "0.02" }""", "maxPerDay: it is missing")]
    [InlineData("""{ "below": "0", "to": "0.02", "maxPerDay": "0.05" }""", "below: expected coins of the App Chain as a text")]
    [InlineData("""{ "below": "0.0000000001", "to": "0.02", "maxPerDay": "0.05" }""", "below: expected coins of the App Chain as a text")]
    [InlineData("""{ "below": "-0.01", "to": "0.02", "maxPerDay": "0.05" }""", "below: expected coins of the App Chain as a text")]
    [InlineData("""{ "below": "1e-3", "to": "0.02", "maxPerDay": "0.05" }""", "below: expected coins of the App Chain as a text")]
    [InlineData("""{ "below": "0,01", "to": "0.02", "maxPerDay": "0.05" }""", "below: expected coins of the App Chain as a text")]
    [InlineData("""{ "below": "1", "to": "1000001", "maxPerDay": "0.05" }""", "to: expected coins of the App Chain as a text")]
    [InlineData("""{ "below": 0.01, "to": "0.02", "maxPerDay": "0.05" }""", "below: expected a text")]
    [InlineData("""{ "bellow": "secret" }""", "\"bellow\" is not known here; expected below, to, maxPerDay")]
    [InlineData(""" "0.01" """, "expected an object")]
    public async Task An_amount_that_cannot_be_used_is_named_with_its_place(string member, string? fault)
    {
        using var file = new PayersFileOnDisk();
        file.With("app-a", 1, $""" {file.Senders(3)} "fundSenders": {member}, {ByClaim} """);

        var faults = await FaultsAsync(file);

        if (fault is null) Assert.Empty(faults);
        else Assert.Contains(faults, one => one.Contains(Place + fault, StringComparison.Ordinal));
        Assert.DoesNotContain(faults, one => one.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_needs_senders()
    {
        using var file = new PayersFileOnDisk();
        file.With("app-a", 1, $$""" "fundSenders": { "below": "0.002", "to": "0.01", "maxPerDay": "0.05" }, {{ByClaim}} """);

        Assert.Contains(await FaultsAsync(file), one => one.Contains(Place + "expected senders", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> FaultsAsync(PayersFileOnDisk file)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough[2..], .. file.Flags]);
        return [.. (await gateway.FaultsAsync()).Where(fault => fault.Contains("payers[", StringComparison.Ordinal))];
    }
}
