using Xmtp.Gateway.Tests.Hosting;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>What a payers file may not say: each fault is told at the start, with its place and without any value.</summary>
public sealed class PayersFileTests
{
    private const string ByClaim = """ "callers": [{ "claim": "app", "value": "a" }] """;

    // The one payer's key is the first pair of flags.
    private static string[] Enough => GatewayUnderTest.Enough[2..];

    private static async Task<IReadOnlyList<string>> FaultsAsync(PayersFileOnDisk file, params string[] more)
    {
        await using var gateway = GatewayUnderTest.Build([.. Enough, .. file.Flags, .. more]);
        return await gateway.FaultsAsync();
    }

    private static void AssertOne(IEnumerable<string> faults, string part) =>
        Assert.Contains(faults, fault => fault.Contains(part, StringComparison.Ordinal));

    [Fact]
    public async Task A_key_for_everyone_beside_a_payers_file_is_a_fault_that_names_both()
    {
        using var file = new PayersFileOnDisk().With("app-a", 1, ByClaim);

        var faults = await FaultsAsync(file, "--payer.private-key", GatewayUnderTest.Key);

        AssertOne(
            faults,
            "--payer.private-key (XMTPD_PAYER_PRIVATE_KEY): it names the one payer for everyone, and --payers-file (XMTPD_PAYERS_FILE) " +
            "several");
    }

    [Fact]
    public async Task A_signer_of_the_program_for_everyone_is_a_fault_beside_a_payers_file()
    {
        using var file = new PayersFileOnDisk().With("app-a", 1, ByClaim);
        await using var gateway = GatewayUnderTest.Build(
            [.. Enough, .. file.Flags], after: builder => builder.UseSigner(PayersFileOnDisk.SignerOf(9)));

        AssertOne(await gateway.FaultsAsync(), "UseSigner: it names the one payer for everyone");
    }

    [Fact]
    public async Task A_key_in_the_file_itself_is_a_fault_and_is_never_shown()
    {
        var key = PayersFileOnDisk.KeyOf(77);
        using var file = new PayersFileOnDisk().With("app-a", null, $""" "privateKey": "{key}", {ByClaim} """);
        await using var gateway = GatewayUnderTest.Build([.. Enough, .. file.Flags]);

        var faults = await gateway.FaultsAsync();

        AssertOne(faults, "payers[0] (app-a): \"privateKey\" is not known here");
        AssertOne(faults, "payers[0] (app-a): it has no key; expected privateKeyFile");
        Assert.DoesNotContain(faults, fault => fault.Contains(key, StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Logs.Lines, line => line.Contains(key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{", "the file is not JSON, at line 1")]
    [InlineData("{}", "payers: expected at least one payer")]
    [InlineData("""{ "payers": [], "payer": 1 }""", "\"payer\" is not known here; expected payers, issuers")]
    [InlineData("""{ "payers": [{ "name": "a b" }] }""", "payers[0]: name: expected 1 to 40 letters")]
    [InlineData("""{ "payers": [{ "name": "a", "name": "b" }] }""", "name is there twice")]
    [InlineData("""{ "payers": [{ "name": "a", "limits": {} }] }""", "payers[0] (a): limits: expected a text")]
    [InlineData("""{ "payers": [{ "name": "a", "callers": [{ "claim": "app" }] }] }""", "callers[0]: claim and value: expected both")]
    [InlineData(
        """{ "payers": [{ "name": "a", "callers": [{ "claim": "app", "value": "a", "header": "k" }] }] }""",
        "callers[0]: expected one kind of rule")]
    [InlineData(
        """{ "payers": [{ "name": "a", "callers": [{ "header": "x-key", "sha256": "secret" }] }] }""",
        "callers[0]: header and sha256: expected the name of a header")]
    [InlineData(
        """{ "payers": [{ "name": "a", "callers": [{ "addresses": "10.0.0.1" }] }] }""", "callers[0]: addresses: expected one range")]
    [InlineData("""{ "payers": [{ "name": "a", "callers": [] }] }""", "payers[0] (a): callers: expected at least one rule")]
    [InlineData(
        """{ "payers": [{ "name": "a", "origins": ["https://app.example/path"] }] }""", "origins: expected origins as browsers send them")]
    [InlineData(
        """{ "payers": [{ "name": "a", "callers": [{ "addresses": "10.0.0.0/8" }] }] }""", "origins: any web page that is opened at")]
    [InlineData("""{ "payers": [{ "name": "a", "keystoreFile": "x" }] }""", "keystoreFile and keystorePasswordFile: expected both")]
    [InlineData(
        """{ "payers": [{ "name": "a", "privateKeyFile": "missing.key" }] }""", "payers[0] (a): privateKeyFile: there is no such file")]
    [InlineData(
        """{ "payers": [{ "name": "a" }], "issuers": [{ "jwksUrl": "https://a.example" }] }""", "issuers[0]: issuer: expected the iss")]
    public async Task What_cannot_be_used_is_named_with_its_place(string text, string fault)
    {
        using var file = new PayersFileOnDisk().Containing(text);

        var faults = await FaultsAsync(file);

        AssertOne(faults, fault);
        Assert.DoesNotContain(faults, one => one.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(""" "limits": "many" """, "payers[0] (app-a): limits: ")]
    [InlineData(""" "budgets": "-1/day" """, "payers[0] (app-a): budgets: ")]
    [InlineData(""" "nodeSelectorStrategy": "best" """, "payers[0] (app-a): nodeSelectorStrategy: ")]
    [InlineData(
        """ "nodeSelectorStrategy": "manual" """, "payers[0] (app-a): preferredNodes: the strategy manual needs at least one node id")]
    [InlineData(""" "payerCritical": 9, "payerWarning": 8 """, "payers[0] (app-a): payerCritical: expected at most")]
    public async Task A_payers_own_settings_are_checked_as_those_of_the_gateway(string members, string fault)
    {
        using var file = new PayersFileOnDisk().With("app-a", 1, $"{members}, {ByClaim}");

        AssertOne(await FaultsAsync(file), fault);
    }

    [Fact]
    public async Task Two_payers_of_one_name_or_of_one_address_are_faults()
    {
        using var file = new PayersFileOnDisk().With("app-a", 1, ByClaim)
            .With("app-a", 2, """ "callers": [{ "claim": "app", "value": "b" }] """)
            .With("app-c", 1, """ "callers": [{ "claim": "app", "value": "c" }] """);

        var faults = await FaultsAsync(file);

        AssertOne(faults, "payers[1] (app-a): another payer has the same name");
        AssertOne(faults, $"payers[2] (app-c): {PayersFileOnDisk.SignerOf(1).Address} is the address of app-a too");
    }

    [Theory]
    [InlineData(""" "until": "2090-01-01T00:00:00Z" """, """ "from": "2090-01-01T00:00:00Z" """, null)]
    [InlineData(""" "until": "2090-01-01T00:00:00Z" """, """ "from": "2090-01-01T01:00+01:00" """, null)]
    [InlineData(
        """ "from": "2020-01-01T00:00:00Z", "until": "2021-01-01T00:00:00Z" """, """ "from": "2021-01-01T00:00:00Z" """, null)]
    [InlineData(
        """ "until": "2090-01-01T00:00:00Z" """, """ "from": "2089-01-01T00:00:00Z" """,
        "payers[1] (app-a): from: another entry of this name is in force then too")]
    [InlineData(
        """ "limits": "stock" """, """ "from": "2090-01-01T00:00:00Z", "limits": "stock" """,
        "payers[1] (app-a): from: another entry of this name is in force then too")]
    [InlineData(
        """ "until": "2090-01-01T00:00:00Z" """, """ "from": "2091-01-01T00:00:00Z" """,
        "payers[1] (app-a): from: nobody pays for its callers just before it")]
    [InlineData(
        """ "until": "2090-01-01T00:00:00Z" """, """ "from": "2090-01-01T00:00:00Z", "until": "2091-01-01T00:00:00Z" """,
        "payers[1] (app-a): until: nobody pays for its callers after it")]
    [InlineData(
        """ "from": "2090-01-01T00:00:00Z", "until": "2091-01-01T00:00:00Z" """, """ "from": "2091-01-01T00:00:00Z" """,
        "payers[0] (app-a): from: nobody pays for its callers until then")]
    [InlineData(
        """ "from": "2021-01-01T00:00:00Z", "until": "2020-01-01T00:00:00Z" """, """ "from": "2021-01-01T00:00:00Z" """,
        "payers[0] (app-a): from and until: expected from before until")]
    [InlineData(
        """ "until": "2090-01-01T00:00:00" """, """ "from": "2090-01-01T00:00:00Z" """,
        "payers[0] (app-a): until: expected a time with its offset")]
    [InlineData(
        """ "until": "2090-01-01T00:00:00Z" """, """ "from": "2090-01-01T00:00:00Z", "limits": "stock" """,
        "payers[1] (app-a): limits: it differs from the entry of this name before it")]
    public async Task Of_entries_of_one_name_exactly_one_is_in_force_at_each_instant(string one, string next, string? fault)
    {
        using var file = new PayersFileOnDisk().With("app-a", 1, $"{one}, {ByClaim}").With("app-a", 2, $"{next}, {ByClaim}");

        var faults = await FaultsAsync(file);

        if (fault is not null) AssertOne(faults, fault);
        else Assert.DoesNotContain(faults, found => found.Contains("payers[", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_dates_of_one_key_are_a_fault_and_so_is_a_coming_key_that_cannot_be_read()
    {
        const string Date = "2090-01-01T00:00:00Z";
        using var file = new PayersFileOnDisk()
            .With("app-a", 1, $"\"until\": \"{Date}\", {ByClaim}").With("app-a", 1, $"\"from\": \"{Date}\", {ByClaim}");
        AssertOne(await FaultsAsync(file), $"payers[1] (app-a): {PayersFileOnDisk.SignerOf(1).Address} is the address of app-a too");

        using var missing = new PayersFileOnDisk().With("app-a", 1, $"\"until\": \"{Date}\", {ByClaim}")
            .With("app-a", null, $"\"from\": \"{Date}\", \"privateKeyFile\": \"missing.key\", {ByClaim}");
        AssertOne(await FaultsAsync(missing), "payers[1] (app-a): privateKeyFile: there is no such file");
    }

    [Theory]
    [InlineData("""{ "claim": "app", "value": "a" }""", """{ "claim": "app", "value": "a" }""", true)]
    [InlineData("""{ "claim": "app", "value": "a" }""", """{ "claim": "app", "value": "b" }""", false)]
    [InlineData("""{ "claim": "app", "value": "a" }""", """{ "claim": "app", "value": "A" }""", false)]
    [InlineData("""{ "claim": "app", "value": "a" }""", """{ "claim": "org", "value": "b" }""", true)]
    [InlineData("""{ "claim": "app", "value": "a" }""", """{ "issuer": "https://b.example" }""", true)]
    [InlineData("""{ "issuer": "https://a.example" }""", """{ "issuer": "https://b.example" }""", false)]
    [InlineData(
        """{ "issuer": "https://a.example", "claim": "app", "value": "a" }""",
        """{ "issuer": "https://b.example", "claim": "app", "value": "a" }""", false)]
    [InlineData("""{ "issuer": "https://a.example", "claim": "app", "value": "a" }""", """{ "claim": "app", "value": "a" }""", true)]
    [InlineData("""{ "audience": "a" }""", """{ "audience": "b" }""", false)]
    [InlineData("""{ "audience": "a" }""", """{ "audience": "a", "claim": "app", "value": "b" }""", true)]
    [InlineData("""{ "addresses": "10.0.0.0/8" }""", """{ "addresses": "10.1.0.0/16" }""", true)]
    [InlineData("""{ "addresses": "10.0.0.0/16" }""", """{ "addresses": "10.1.0.0/16" }""", false)]
    [InlineData("""{ "claim": "app", "value": "a" }""", """{ "addresses": "10.1.0.0/16" }""", false)]
    public async Task Rules_of_one_kind_that_one_caller_could_match_for_two_payers_are_a_fault(string left, string right, bool overlap)
    {
        using var file = new PayersFileOnDisk()
            .With("app-a", 1, $""" "callers": [{left}] """)
            .With("app-b", 2, $""" "callers": [{right}] """);

        var faults = await FaultsAsync(file);

        Assert.Equal(
            overlap, faults.Any(fault => fault.Contains("one caller could match a rule of it and one of app-a", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Payers_of_one_issuer_beside_one_of_another_exclude_each_other()
    {
        using var file = new PayersFileOnDisk()
            .With("app-a", 1, """ "callers": [{ "issuer": "https://a.example", "claim": "app", "value": "a" }] """)
            .With("app-b", 2, """ "callers": [{ "issuer": "https://b.example" }] """)
            .With("app-c", 3, """ "callers": [{ "issuer": "https://a.example", "claim": "app", "value": "c" }] """);

        Assert.DoesNotContain(await FaultsAsync(file), fault => fault.Contains("one caller could match", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_key_of_two_payers_is_a_fault()
    {
        using var file = new PayersFileOnDisk()
            .With("app-a", 1, $$""" "callers": [{ "header": "X-Api-Key", "sha256": "{{new string('a', 64)}}" }] """)
            .With("app-b", 2, $$""" "callers": [{ "header": "x-api-key", "sha256": "{{new string('A', 64)}}" }] """);

        AssertOne(await FaultsAsync(file), "payers[1] (app-b): callers: one caller could match a rule of it and one of app-a");
    }

    [Fact]
    public async Task Rules_on_tokens_need_keys_and_a_rule_on_an_issuer_needs_keys_of_that_issuer_alone()
    {
        using var byClaim = new PayersFileOnDisk().With("app-a", 1, ByClaim);
        AssertOne(await FaultsAsync(byClaim), "rules name tokens, and no keys verify any");

        using var byIssuer = new PayersFileOnDisk().With("app-a", 1, """ "callers": [{ "issuer": "https://a.example" }] """);
        string[] any = ["--auth.jwt.jwks-url=http://127.0.0.1:1/keys", "--auth.jwt.issuer=*", "--auth.jwt.audience=*"];
        AssertOne(await FaultsAsync(byIssuer, any), "no keys are bound to the issuer https://a.example of a rule");
    }

    [Fact]
    public async Task A_gateway_without_a_payers_file_has_one_payer_as_before()
    {
        await using var gateway = GatewayUnderTest.Build(GatewayUnderTest.Enough);

        Assert.DoesNotContain(await gateway.FaultsAsync(), fault => fault.Contains("payers-file", StringComparison.Ordinal));
    }
}
