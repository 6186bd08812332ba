using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Wallet;

/// <summary>New keys in encrypted files, which the gateway's own flags open.</summary>
public sealed class NewKeyTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private const string Password = "correct horse battery staple";

    [Fact]
    public async Task A_new_key_is_in_a_file_of_its_owner_and_the_gateway_reads_it()
    {
        using var folder = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 131);
        var (file, password) = (folder.PathOf("new.json"), folder.Write("password", Password + "\n"));

        var made = (await folder.AnswerAsync("", "new-key", "--out", file, $"--payer.keystore-password-file={password}")).Is(0, file);

        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.DoesNotContain(Password, made.Everything, StringComparison.Ordinal);
        var address = made.Output.Split('\n')[0]["address".Length..].Trim();
        string[] key = [$"--payer.keystore-file={file}", $"--payer.keystore-password-file={password}"];
        (await folder.AnswerAsync("", ["status", .. key])).Is(0, address);
    }

    [Fact]
    public async Task A_password_that_is_typed_twice_alike_opens_the_file()
    {
        using var folder = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 132);
        var file = folder.PathOf("new.json");

        var made = (await folder.AnswerAsync($"{Password}\n{Password}\n", "new-key", $"--out={file}")).Is(0);

        var address = made.Output.Split('\n')[0]["address".Length..].Trim();
        var password = folder.Write("password", Password);
        string[] key = [$"--payer.keystore-file={file}", $"--payer.keystore-password-file={password}"];
        (await folder.AnswerAsync("", ["status", .. key])).Is(0, address);
    }

    [Fact]
    public async Task Without_one_password_no_file_is_written()
    {
        using var folder = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 133);
        var file = folder.PathOf("new.json");
        (await folder.AnswerAsync("", "new-key", "--out", file)).Is(2, "no password was given", "nothing was written");
        (await folder.AnswerAsync("  \n  \n", "new-key", "--out", file)).Is(2, "no password was given");
        (await folder.AnswerAsync("one\nother\n", "new-key", "--out", file)).Is(1, "the two passwords differ; nothing was written");
        (await folder.AnswerAsync("", "new-key", "--out", file, "--payer.keystore-password-file=/no/such/file")).Is(2, "no such file");
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task A_file_that_exists_is_not_overwritten()
    {
        using var folder = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 134);
        var file = folder.Write("old.json", "old");
        (await folder.AnswerAsync($"{Password}\n{Password}\n", "new-key", "--out", file)).Is(1, "exists already", "nothing was written");
        Assert.Equal("old", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }
}
