using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Nethereum.KeyStore;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;
using GivenLine = Xmtp.Gateway.Hosting.Flags.CommandLine;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>Where the payer's key comes from, and where it is not any more afterwards.</summary>
public sealed class PayerKeyTests : IDisposable
{
    private const string File = "--payer.private-key-file (XMTPD_PAYER_PRIVATE_KEY_FILE)";
    private const string Keystore = "--payer.keystore-file (XMTPD_PAYER_KEYSTORE_FILE)";
    private const string Password = "--payer.keystore-password-file (XMTPD_PAYER_KEYSTORE_PASSWORD_FILE)";
    private const string Address = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    private const string Digits = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
    private const string Secret = "correct horse battery staple";

    // The two vectors of the definition of Web3 Secret Storage.
    private const string VectorPassword = "testpassword";
    private const string VectorAddress = "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b";
    private const string Pbkdf2Vector = """
        {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
        "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
        "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}
        """;

    private const string ScryptVector = """
        {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
        "kdfparams":{"dklen":32,"n":262144,"r":1,"p":8,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
        "mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}
        """;

    private static readonly string[] NoKey = GatewayUnderTest.Enough[2..];

    private readonly string _folder = Directory.CreateTempSubdirectory("payer-key-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Digits)]
    [InlineData("0x" + Digits)]
    [InlineData(Digits + "\n")]
    [InlineData("0x" + Digits + "\r\n")]
    [InlineData("\uFEFF" + Digits + "\n\n")]
    [InlineData("  " + Digits + " \n")]
    public async Task A_key_in_a_file_is_read_with_or_without_0x_and_whatever_ends_its_line(string contents)
    {
        await using var gateway = GatewayUnderTest.Build([.. NoKey, "--payer.private-key-file", Write(contents)]);
        Assert.Empty(await KeyFaultsAsync(gateway));
        Assert.Equal(Address, gateway.App.Services.GetRequiredService<ISigner>().Address.ToString());
    }

    [Theory]
    [InlineData(Pbkdf2Vector)]
    [InlineData(ScryptVector)]
    public async Task The_definition_s_own_key_files_are_opened(string keystore)
    {
        await using var gateway = GatewayUnderTest.Build(NoKey, new()
        {
            ["XMTPD_PAYER_KEYSTORE_FILE"] = Write(keystore),
            ["XMTPD_PAYER_KEYSTORE_PASSWORD_FILE"] = Write(VectorPassword + "\r\n"),
        });
        Assert.Empty(await KeyFaultsAsync(gateway));
        Assert.Equal(VectorAddress, gateway.App.Services.GetRequiredService<ISigner>().Address.ToString());
    }

    [Fact]
    public async Task A_key_file_as_programs_write_it_is_opened_and_its_password_may_have_spaces()
    {
        await using var gateway = GatewayUnderTest.Build([.. NoKey, .. Encrypted(Made(), Secret + " \n")]);
        Assert.StartsWith(Password, Assert.Single(await KeyFaultsAsync(gateway)), StringComparison.Ordinal);
        await using var other = GatewayUnderTest.Build([.. NoKey, .. Encrypted(Made(), Secret + "\n")]);
        Assert.Empty(await KeyFaultsAsync(other));
        Assert.Equal(Address, other.App.Services.GetRequiredService<ISigner>().Address.ToString());
    }

    [Fact]
    public async Task A_key_from_two_places_is_a_fault_that_names_both()
    {
        string[][] places = [["--payer.private-key", Digits], ["--payer.private-key-file", Write(Digits)], Encrypted(Made(), Secret)];
        string[] names = ["--payer.private-key (XMTPD_PAYER_PRIVATE_KEY)", File, Keystore];
        foreach (var (one, other) in new[] { (0, 1), (0, 2), (1, 2) })
        {
            await using var gateway = GatewayUnderTest.Build([.. NoKey, .. places[one], .. places[other]]);
            Assert.Equal(
                $"{names[one]} and {names[other]}: the payer's key is given more than once; expected one of them",
                Assert.Single(await KeyFaultsAsync(gateway)));
        }
    }

    [Fact]
    public async Task An_encrypted_key_file_and_its_password_need_each_other()
    {
        await using var noPassword = GatewayUnderTest.Build([.. NoKey, "--payer.keystore-file", Write(Made())]);
        Assert.StartsWith(
            Password + ": required with " + Keystore, Assert.Single(await KeyFaultsAsync(noPassword)), StringComparison.Ordinal);
        await using var noFile = GatewayUnderTest.Build([.. NoKey, "--payer.keystore-password-file", Write(Secret)]);
        Assert.StartsWith(
            Password + ": there is no encrypted key file", Assert.Single(await KeyFaultsAsync(noFile)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "there is no such file")]
    [InlineData("", "the file is empty")]
    [InlineData("\r\n", "the file is empty")]
    [InlineData(Digits + "zz", "what the file holds is not a key")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "what the file holds is not a key")]
    public async Task A_file_without_a_key_is_a_fault_that_shows_nothing_of_it(string? contents, string why)
    {
        var path = contents is null ? Digits : Write(contents);
        await using var gateway = GatewayUnderTest.Build([.. NoKey, "--payer.private-key-file", path]);
        var fault = Assert.Single(await KeyFaultsAsync(gateway));
        Assert.StartsWith($"{File}: {why}", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Digits, fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_a_small_text_file_is_not_read()
    {
        var binary = Path.Combine(_folder, "binary");
        await System.IO.File.WriteAllBytesAsync(binary, [0xFF, 0xFE, 0x80], TestContext.Current.CancellationToken);
        List<(string Path, string Why)> files =
        [
            (_folder, "it is a folder"),
            (binary, "the file is not text"),
            (Write(new string('0', 65 << 10)), "the file is larger than 64 KB"),
        ];
        if (System.IO.File.Exists("/dev/zero")) files.Add(("/dev/zero", "the file is larger than 64 KB"));
        foreach (var (path, why) in files)
        {
            await using var gateway = GatewayUnderTest.Build([.. NoKey, "--payer.private-key-file", path]);
            Assert.StartsWith($"{File}: {why}", Assert.Single(await KeyFaultsAsync(gateway)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\"n\":262144", "\"n\":1073741824", "its scrypt cost is out of bounds")]
    [InlineData("\"n\":262144", "\"n\":262143", "its scrypt n is not a power of two")]
    [InlineData("\"r\":1", "\"r\":2147483647", "its scrypt cost is out of bounds")]
    [InlineData("\"p\":8", "\"p\":1000000", "its scrypt cost is out of bounds")]
    [InlineData("\"p\":8", "\"p\":0", "its p is out of bounds")]
    [InlineData("\"n\":262144", "\"n\":1e300", "its n is out of bounds")]
    [InlineData("\"dklen\":32", "\"dklen\":16", "its dklen is not from 32 to 1024")]
    [InlineData("\"kdf\":\"scrypt\"", "\"kdf\":\"argon2\"", "its kdf is neither scrypt nor pbkdf2")]
    [InlineData("aes-128-ctr", "aes-128-cbc", "its cipher is not aes-128-ctr")]
    [InlineData("\"version\":3", "\"version\":1", "its version is not 3")]
    [InlineData("\"version\":3", "\"version\":3,\"address\":\"70997970c51812dc3a010c7d01b50e0d17dc79c8\"", "its address is 0x7099")]
    [InlineData("83dbcc02d8ccb40e466191a123791e0e", "83dbcc", "ciphertext, iv or mac has a wrong size")]
    [InlineData("83dbcc02d8ccb40e466191a123791e0e", "correct horse", "its iv is not hexadecimal")]
    [InlineData("{\"crypto\"", "{\"crypt\"", "it has no crypto")]
    [InlineData("{\"crypto\"", "correct horse", "it is not JSON")]
    public async Task A_key_file_that_cannot_be_used_is_a_fault_that_says_why(string part, string instead, string why)
    {
        await using var gateway = GatewayUnderTest.Build([
            .. NoKey,
            .. Encrypted(ScryptVector.Replace(part, instead, StringComparison.Ordinal), VectorPassword),
        ]);
        var fault = Assert.Single(await KeyFaultsAsync(gateway));
        Assert.StartsWith($"{Keystore}: the file cannot be used: {why}", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("horse", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(VectorPassword, fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_rounds_of_pbkdf2_are_refused()
    {
        await using var gateway = GatewayUnderTest.Build([
            .. NoKey,
            .. Encrypted(Pbkdf2Vector.Replace("262144", "2000000000", StringComparison.Ordinal), VectorPassword),
        ]);
        Assert.Contains("its pbkdf2 count is out of bounds", Assert.Single(await KeyFaultsAsync(gateway)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_and_a_bare_key_in_place_of_a_key_file_are_distinguished()
    {
        await using var wrong = GatewayUnderTest.Build([.. NoKey, .. Encrypted(Made(), "another one")]);
        Assert.StartsWith(
            $"{Password}: the password does not open the file of {Keystore}",
            Assert.Single(await KeyFaultsAsync(wrong)),
            StringComparison.Ordinal);
        await using var bare = GatewayUnderTest.Build([.. NoKey, .. Encrypted(Digits, Secret)]);
        Assert.Contains("--payer.private-key-file", Assert.Single(await KeyFaultsAsync(bare)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_everyone_may_read_is_a_warning_and_one_that_its_owner_alone_may_read_is_none()
    {
        if (OperatingSystem.IsWindows()) return;
        var path = Write(Digits);
        System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await using var open = GatewayUnderTest.Build([.. NoKey, "--payer.private-key-file", path]);
        Assert.Empty(await KeyFaultsAsync(open));
        Assert.Single(
            open.Logs.Lines, line => line.Contains(File + ": every user of this machine may read the file", StringComparison.Ordinal));

        System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead);
        await using var closed = GatewayUnderTest.Build([.. NoKey, "--payer.private-key-file", path]);
        Assert.Empty(await KeyFaultsAsync(closed));
        Assert.DoesNotContain(closed.Logs.Lines, line => line.Contains(File, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--payer.private-key", Digits)]
    [InlineData("--payer.private-key=0x" + Digits)]
    [InlineData]
    public async Task Once_it_is_read_the_key_s_text_is_in_no_configuration_and_no_options(params string[] args)
    {
        // A variable that a flag wins over, appsettings.json, and whatever else holds the same text.
        var settings = new Dictionary<string, string?>
        {
            ["XMTPD_PAYER_PRIVATE_KEY"] = Digits,
            ["Xmtp:Payer:PrivateKey"] = Digits,
            ["Parameters:key"] = Digits,
        };
        await using var gateway = GatewayUnderTest.Build([.. NoKey, .. args], settings);
        Assert.Contains(Digits, Configuration(gateway).GetDebugView(), StringComparison.Ordinal);

        Assert.Empty(await KeyFaultsAsync(gateway));

        Assert.Equal(Address, gateway.App.Services.GetRequiredService<ISigner>().Address.ToString());
        Assert.DoesNotContain(Digits, Configuration(gateway).GetDebugView(), StringComparison.OrdinalIgnoreCase);
        foreach (var provider in Configuration(gateway).Providers)
            foreach (var key in settings.Keys)
                Assert.False(provider.TryGet(key, out var value) && value is not null, $"{provider} has {key}");
        Assert.Null(gateway.Options<PayerOptions>().PrivateKey);
        Assert.DoesNotContain(
            gateway.App.Services.GetRequiredService<GivenLine>().Values, given => given.Value.Contains(Digits, StringComparison.Ordinal));

        // Whoever adds a source has all of them read anew.
        ((IConfigurationBuilder)gateway.App.Configuration).Sources.RemoveAt(0);
        Assert.DoesNotContain(Digits, Configuration(gateway).GetDebugView(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(
            ((IConfigurationBuilder)gateway.App.Configuration).Sources.OfType<MemoryConfigurationSource>(),
            source => source.InitialData?.Any(pair => pair.Value?.Contains(Digits, StringComparison.Ordinal) == true) == true);
    }

    [Fact]
    public async Task A_key_that_a_custom_signer_makes_unnecessary_is_removed_too()
    {
        Assert.True(PrivateKeySigner.TryParse(new string('1', 64), out var own));
        await using var gateway = GatewayUnderTest.Build(
            [.. NoKey, "--payer.private-key", Digits], after: builder => builder.UseSigner(own));
        Assert.Empty(await KeyFaultsAsync(gateway));
        Assert.Same(own, gateway.App.Services.GetRequiredService<ISigner>());
        Assert.DoesNotContain(Digits, Configuration(gateway).GetDebugView(), StringComparison.Ordinal);
    }

    private static IConfigurationRoot Configuration(GatewayUnderTest gateway) =>
        (IConfigurationRoot)gateway.App.Services.GetRequiredService<IConfiguration>();

    // The chains of these tests do not answer, which is a fault of its own.
    private static async Task<IReadOnlyList<string>> KeyFaultsAsync(GatewayUnderTest gateway) =>
        [.. (await gateway.FaultsAsync()).Where(fault => fault.StartsWith("--payer.", StringComparison.Ordinal))];

    private static string Made() =>
        new KeyStoreScryptService().EncryptAndGenerateKeyStoreAsJson(Secret, Convert.FromHexString(Digits), Address);

    private string[] Encrypted(
        string keystore, string password) => ["--payer.keystore-file", Write(keystore), "--payer.keystore-password-file", Write(password)];

    private string Write(string contents)
    {
        var path = Path.Combine(_folder, Path.GetRandomFileName());
        System.IO.File.WriteAllBytes(path, Encoding.UTF8.GetBytes(contents));
        if (!OperatingSystem.IsWindows()) System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
