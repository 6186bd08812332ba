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
        Assert.Equal(
            ["gateway", "redis", "watcher"],
            Names(resources)
                .Where(name => resources.GetProperty(name).GetProperty("type").GetString() is "project.v0" or "container.v0")
                .Order());
        Assert.DoesNotContain(Names(resources), name => name is "anvil" or "nodes");
        foreach (var name in new[]
        {
            "payer-private-key", "app-chain-rpc-url", "app-chain-wss-url", "settlement-chain-rpc-url",
            "settlement-chain-wss-url", "redis-password",
        })
        {
            Assert.True(resources.GetProperty(name).GetProperty("inputs").GetProperty("value").GetProperty("secret").GetBoolean(), name);
        }
        Assert.False(resources.GetProperty("payer-address").GetProperty("inputs").GetProperty("value").TryGetProperty("secret", out _));
        Assert.Equal(
            "testnet",
            resources.GetProperty("network")
                .GetProperty("inputs")
                .GetProperty("value")
                .GetProperty("default")
                .GetProperty("value")
                .GetString());
    }

    [Fact]
    public async Task Only_gRPC_is_open_to_the_outside_as_HTTP_2_on_its_port()
    {
        var bindings = (await ManifestAsync()).GetProperty("gateway").GetProperty("bindings");
        Assert.Equal("grpc", Assert.Single(bindings.EnumerateObject(), binding => binding.Value.TryGetProperty("external", out _)).Name);
        Assert.Equal("http2", bindings.GetProperty("grpc").GetProperty("transport").GetString());
        Assert.Equal(
            [5050, 5055, 8008],
            new[] { "grpc", "web", "metrics" }.Select(name => bindings.GetProperty(name).GetProperty("targetPort").GetInt32()));
    }

    [Theory, InlineData("gateway"), InlineData("watcher")]
    public async Task What_azd_deploys_has_the_variables_of_the_manifest(string service)
    {
        var resource = (await ManifestAsync()).GetProperty(service);
        var template = await TemplateAsync(service);
        var names = EnvironmentName().Matches(template).Select(match => match.Groups[1].Value);

        // What a reference to Redis says in several variables is XMTPD_REDIS_URL there, which wins.
        var manifest = Names(resource.GetProperty("env"))
            .Where(name => name != "ConnectionStrings__redis" && !name.StartsWith("REDIS_", StringComparison.Ordinal));
        Assert.Equal(manifest.Append("XMTPD_REDIS_URL").Order(), names.Order());
    }

    [Fact]
    public async Task A_managed_Redis_is_a_connection_string_parameter()
    {
        var resources = await ManifestAsync("--redis", "managed", "--network", "mainnet");
        Assert.Equal("parameter.v0", resources.GetProperty("redis").GetProperty("type").GetString());
        Assert.Equal("mainnet", resources.GetProperty("gateway").GetProperty("env").GetProperty("XMTPD_CONTRACTS_ENVIRONMENT").GetString());
        Assert.DoesNotContain(Names(resources), name => name == "network");
    }

    [Fact]
    public async Task The_manifest_has_exactly_the_parameters_of_the_document()
    {
        var resources = await ManifestAsync();
        var inputs = Names(resources)
            .Where(name => resources.GetProperty(name).GetProperty("type").GetString() == "parameter.v0")
            .ToDictionary(
                name => name,
                name => resources.GetProperty(name).GetProperty("inputs").GetProperty("value").TryGetProperty("default", out _));
        string[] asked =
        [
            "app-chain-rpc-url", "app-chain-wss-url", "payer-address", "payer-private-key", "settlement-chain-rpc-url",
            "settlement-chain-wss-url",
        ];
        Assert.Equal(asked, inputs.Where(input => !input.Value).Select(input => input.Key).Order());
        var document = await File.ReadAllTextAsync(
            Path.Combine(Projects.Gateway_AppHost.ProjectPath, "..", "docs", "deploy.md"), TestContext.Current.CancellationToken);
        Assert.All(asked, name => Assert.Contains($"| `{name.Replace('-', '_')}` |", document, StringComparison.Ordinal));

        // azd makes an output of each that has a default, under its very name, which Bicep reads as a subtraction where it has a hyphen.
        var settable = inputs.Where(input => input.Value && input.Key != "redis-password").Select(input => input.Key).ToList();
        Assert.DoesNotContain(settable, name => name.Contains('-', StringComparison.Ordinal));
        Assert.All(
            settable,
            name => Assert.Contains($"`AZURE_{Hump().Replace(name, "$1_$2").ToUpperInvariant()}`", document, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_gateway_without_rules_is_not_deployed()
    {
        var (exitCode, folder, said) = await AppHostProcess.RunAsync([], "--publisher", "manifest", "--output-path", "OUT/manifest.json");
        Directory.Delete(folder, recursive: true);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("nothing says who may publish", said, StringComparison.Ordinal);
        Assert.Contains("azd env set AZURE_", said, StringComparison.Ordinal);
        Assert.Contains("{{ template \"nothing says who may publish", await TemplateAsync("gateway"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_has_the_volume_of_the_manifest_is_one_and_takes_the_place_of_its_shell()
    {
        var redis = (await ManifestAsync()).GetProperty("redis");
        var template = await TemplateAsync("redis");
        var volume = Assert.Single(redis.GetProperty("volumes").EnumerateArray());
        Assert.Contains(
            $".Env.SERVICE_REDIS_VOLUME_" +
            $"{volume.GetProperty("name").GetString()!.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant()}_NAME",
            template,
            StringComparison.Ordinal);
        Assert.Contains($"mountPath: {volume.GetProperty("target").GetString()}", template, StringComparison.Ordinal);
        Assert.Contains(
            $"targetPort: {redis.GetProperty("bindings").GetProperty("tcp").GetProperty("targetPort").GetInt32()}",
            template,
            StringComparison.Ordinal);
        Assert.Matches(@"minReplicas: 1\s+maxReplicas: 1\s", template);
        Assert.Contains("exec redis-server", template, StringComparison.Ordinal);
    }

    [Theory, InlineData("gateway"), InlineData("watcher"), InlineData("redis")]
    public async Task A_template_quotes_every_value_and_refuses_an_empty_one_in_words(string service)
    {
        var template = await TemplateAsync(service);
        Assert.DoesNotMatch(@"value: (?!\{\{ printf ""%q"" ).*(p|P)arameter", template);
        foreach (var name in Asked()
            .Matches(template)
            .Select(match => match.Groups[1].Value)
            .Where(name => name != "redis" && !(name == "redis_password" && service != "redis"))
            .Distinct())
        {
            Assert.Contains(
                $"{{{{ template \"{name} is empty: azd env config unset infra.parameters.{name}, and azd up ",
                template,
                StringComparison.Ordinal);
        }
    }

    private static Task<string> TemplateAsync(string service) =>
        File.ReadAllTextAsync(
            Path.Combine(Projects.Gateway_AppHost.ProjectPath, "infra", $"{service}.tmpl.yaml"), TestContext.Current.CancellationToken);

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

    [GeneratedRegex(@"(?:securedParameter|parameter) ""(\w+)""")]
    private static partial Regex Asked();

    [GeneratedRegex("([a-z])([A-Z])")]
    private static partial Regex Hump();

    [GeneratedRegex(@"- name: ([A-Z][A-Z0-9_]+)\s")]
    private static partial Regex EnvironmentName();
}
