using Xmtp.Gateway.AppHost.Deployment;

namespace Xmtp.Gateway.AppHost.Tests;

/// <summary>What azd was told with <c>azd env set</c>, as the application finds it.</summary>
public sealed class AzdTests : IDisposable
{
    private readonly DirectoryInfo _project = Directory.CreateTempSubdirectory("xmtp-gateway-azd-");

    public AzdTests()
    {
        File.WriteAllText(Path.Combine(_project.FullName, "azure.yaml"), "name: xmtp-gateway\n");
        _project.CreateSubdirectory("Gateway.AppHost");
    }

    public void Dispose() => _project.Delete(recursive: true);

    [Fact]
    public void Without_azd_the_command_line_decides()
    {
        Assert.Empty(Read());
        Assert.False(RedisChoice.IsManaged(null, []));
        Assert.True(RedisChoice.IsManaged("managed", []));
    }

    [Fact]
    public void The_azd_parameters_suffice_for_a_managed_Redis()
    {
        Add("dev", "AZURE_LOCATION=\"westeurope\"", "XMTP_APPHOST_REDIS=\"managed\"");
        Assert.True(RedisChoice.IsManaged(null, Read()));
        Assert.True(RedisChoice.IsManaged("managed", Read()));
    }

    [Theory, InlineData("managed", ""), InlineData("container", "XMTP_APPHOST_REDIS=\"managed\"")]
    public void A_Redis_that_is_configured_only_in_the_application_is_refused_with_the_command(string given, string line)
    {
        Add("dev", line);
        var fault = Assert.Throws<ArgumentException>(() => RedisChoice.IsManaged(given, Read()));
        Assert.Contains($"azd env set XMTP_APPHOST_REDIS {given}", fault.Message, StringComparison.Ordinal);
        Assert.Contains("dev", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Environments_that_differ_are_refused_until_one_is_named()
    {
        Add("dev");
        Add("prod", "XMTP_APPHOST_REDIS=\"managed\"");
        Assert.Contains(
            "AZURE_ENV_NAME",
            Assert.Throws<ArgumentException>(() => RedisChoice.IsManaged(null, Read())).Message,
            StringComparison.Ordinal);
        Assert.True(RedisChoice.IsManaged(null, Read(named: "prod")));
        Assert.False(RedisChoice.IsManaged(null, Read(named: "dev")));
    }

    [Fact]
    public void A_choice_that_does_not_exist_is_refused()
    {
        Add("dev", "XMTP_APPHOST_REDIS=\"cluster\"");
        Assert.Contains(
            "'cluster'", Assert.Throws<ArgumentException>(() => RedisChoice.IsManaged(null, Read())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "AZURE_JWT_DISCOVERY_URL=\"https://login.example.org/.well-known/openid-configuration\""), InlineData(
            "AZURE_JWT_JWKS_URL=\"https://login.example.org/keys\"")]
    [InlineData("AZURE_ALLOWLIST=\"alice\""), InlineData("AZURE_ALLOW_ALL=\"true\"")]
    public void Who_may_publish_can_be_set_with_azd(string line)
    {
        Add("dev", line);
        PublishRules.Check(_ => null, Read());
    }

    [Theory, InlineData(
        "AZURE_ALLOW_ALL=\"false\""), InlineData("AZURE_ALLOWLIST=\"\""), InlineData("AZURE_JWT_AUDIENCE=\"gateway\""), InlineData("")]
    public void Settings_that_identify_no_one_are_not_a_rule(string line)
    {
        Add("dev", line);
        Assert.Contains(
            "nothing says who may publish",
            Assert.Throws<ArgumentException>(() => PublishRules.Check(_ => null, Read())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Values_are_read_as_azd_writes_them()
    {
        Add("dev", "A=\"a \\\"b\\\" \\$c=d\"", "N=5");
        var environment = Assert.Single(Read());
        Assert.Equal(("a \"b\" $c=d", "5", ""), (environment["A"], environment["N"], environment["missing"]));
    }

    private void Add(string name, params string[] lines) =>
        File.WriteAllLines(Path.Combine(_project.CreateSubdirectory($".azure/{name}").FullName, ".env"), lines);

    private IReadOnlyList<AzdEnvironment> Read(string? named = null) =>
        AzdEnvironment.Read(Path.Combine(_project.FullName, "Gateway.AppHost"), _ => named);
}
