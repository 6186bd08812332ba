using System.Text.Json;
using System.Text.RegularExpressions;
using Xmtp.Gateway.AppHost.Tests.TestSupport;

namespace Xmtp.Gateway.AppHost.Tests;

/// <summary>What is deployed with azd: the manifest that it reads, and the templates it fills.</summary>
public partial class PublishTests
{
    // Anvil's second account, which pays on the local network.
    private const string PublicTestKey = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

    [Fact]
    public async Task The_manifest_has_the_services_and_neither_the_local_network_nor_a_secret()
    {
        var resources = await ManifestAsync();
        Assert.Equal(["gateway", "redis", "watcher"], Names(resources).Where(name => resources.GetProperty(name).GetProperty("type").GetString() is "project.v0" or "container.v0").Order());
        Assert.DoesNotContain(Names(resources), name => name is "anvil" or "nodes");
        foreach (var name in new[] { "payer-private-key", "app-chain-rpc-url", "app-chain-wss-url", "settlement-chain-rpc-url", "settlement-chain-wss-url", "redis-password" })
            Assert.True(resources.GetProperty(name).GetProperty("inputs").GetProperty("value").GetProperty("secret").GetBoolean(), name);
        Assert.False(resources.GetProperty("payer-address").GetProperty("inputs").GetProperty("value").TryGetProperty("secret", out _));
        Assert.Equal("testnet", resources.GetProperty("network").GetProperty("inputs").GetProperty("value").GetProperty("default").GetProperty("value").GetString());
    }

    [Fact]
    public async Task Only_gRPC_is_open_to_the_outside_as_HTTP_2_on_its_port()
    {
        var bindings = (await ManifestAsync()).GetProperty("gateway").GetProperty("bindings");
        Assert.Equal("grpc", Assert.Single(bindings.EnumerateObject(), binding => binding.Value.TryGetProperty("external", out _)).Name);
        Assert.Equal("http2", bindings.GetProperty("grpc").GetProperty("transport").GetString());
        Assert.Equal([5050, 5055, 8008], new[] { "grpc", "web", "metrics" }.Select(name => bindings.GetProperty(name).GetProperty("targetPort").GetInt32()));
    }

    [Theory, InlineData("gateway"), InlineData("watcher")]
    public async Task What_azd_deploys_has_the_variables_of_the_manifest(string service)
    {
        var resource = (await ManifestAsync()).GetProperty(service);
        var template = await File.ReadAllTextAsync(Path.Combine(Projects.Gateway_AppHost.ProjectPath, "infra", $"{service}.tmpl.yaml"), TestContext.Current.CancellationToken);
        var names = EnvironmentName().Matches(template).Select(match => match.Groups[1].Value);
        Assert.Equal(Names(resource.GetProperty("env")).Order(), names.Order());
    }

    [Fact]
    public async Task A_managed_Redis_is_a_connection_string_that_is_asked_for()
    {
        var resources = await ManifestAsync("--redis", "managed", "--network", "mainnet");
        Assert.Equal("parameter.v0", resources.GetProperty("redis").GetProperty("type").GetString());
        Assert.Equal("mainnet", resources.GetProperty("gateway").GetProperty("env").GetProperty("XMTPD_CONTRACTS_ENVIRONMENT").GetString());
        Assert.DoesNotContain(Names(resources), name => name == "network");
    }

    private static async Task<JsonElement> ManifestAsync(params string[] args)
    {
        var folder = await AppHostProcess.PublishAsync(["--publisher", "manifest", "--output-path", "OUT/manifest.json", .. args]);
        var text = AllText(folder);
        using var manifest = JsonDocument.Parse(text);
        return manifest.RootElement.GetProperty("resources").Clone();
    }

    // Whatever is published: no secret that was given, and no key that pays.
    private static string AllText(string folder)
    {
        var text = string.Concat(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        Directory.Delete(folder, recursive: true);
        Assert.DoesNotContain("a-secret-", text, StringComparison.Ordinal);
        Assert.DoesNotContain(PublicTestKey, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("anvil", text, StringComparison.OrdinalIgnoreCase);
        return text;
    }

    private static IEnumerable<string> Names(JsonElement of) => of.EnumerateObject().Select(property => property.Name);

    [GeneratedRegex(@"- name: ([A-Z][A-Z0-9_]+)\s")]
    private static partial Regex EnvironmentName();
}
