using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using static Xmtp.Gateway.Tests.Deployment.ComposeFile;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>What <c>deploy/compose</c> promises, read by docker-compose and by Caddy. <see cref="CaddyTests"/> starts its Caddy.</summary>
public partial class ComposeTests
{
    private static readonly string[] Gateways = ["gateway-1", "gateway-2"];

    [Fact]
    public async Task Two_gateways_a_watcher_and_Redis_are_behind_Caddy()
    {
        var file = await ReadAsync();
        Assert.Equal(["caddy", "gateway-1", "gateway-2", "redis", "watcher"], file.Services.Keys.Order(StringComparer.Ordinal));
        foreach (var name in Gateways)
        {
            Assert.Equal(
                "https://app.example.org/key$1",
                Variable(file.Services[name], "XMTPD_APP_CHAIN_RPC_URL").Replace("$$", "$", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("XMTPD_PAYER_PRIVATE_KEY"), InlineData("XMTPD_APP_CHAIN_RPC_URL"), InlineData("XMTPD_SETTLEMENT_CHAIN_RPC_URL")]
    [InlineData(
        "REDIS_PASSWORD"), InlineData("XMTPD_CONTRACTS_ENVIRONMENT"), InlineData("XMTPD_AUTH_ALLOW_ALL"), InlineData("GATEWAY_HOST")]
    public async Task A_missing_required_value_is_named(string variable)
    {
        var (exitCode, _, errors) = await ConfigAsync(empty: variable);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(variable, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_container_is_read_only_has_no_capability_and_gets_none()
    {
        foreach (var (name, service) in (await ReadAsync()).Services)
        {
            Assert.Equal("true", service["read_only"]);
            Assert.Equal(["ALL"], List(service["cap_drop"]));
            Assert.Equal(["no-new-privileges:true"], List(service["security_opt"]));
            Assert.Equal("unless-stopped", service["restart"]);
            Assert.Equal("45s", service["stop_grace_period"]);
            Assert.All(
                new[] { "mem_limit", "pids_limit", "logging" }, bound => Assert.True(service.ContainsKey(bound), $"{name} has no {bound}"));
            Assert.All(
                new[] { "privileged", "network_mode", "pid", "ipc", "devices" },
                right => Assert.False(service.ContainsKey(right), $"{name} has {right}"));
            Assert.Equal(name == "caddy" ? ["NET_BIND_SERVICE"] : [], service.TryGetValue("cap_add", out var added) ? List(added) : []);
            Assert.DoesNotContain("latest", (string)service["image"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Only_Caddy_is_open_on_the_host_and_Redis_is_on_a_network_that_leads_nowhere()
    {
        var file = await ReadAsync();
        Assert.Equal("caddy", Assert.Single(file.Services, service => service.Value.ContainsKey("ports")).Key);
        Assert.Equal("store", Assert.Single(Map(file.Services["redis"]["networks"])).Key);
        Assert.Equal("true", Map(file.Networks["store"])["internal"]);
        Assert.Equal("edge", Assert.Single(Map(file.Services["caddy"]["networks"])).Key);
    }

    [Fact]
    public async Task The_gateways_believe_Caddys_address_alone_about_clients()
    {
        var file = await ReadAsync();
        var address = (string)Map(Map(file.Services["caddy"]["networks"])["edge"])["ipv4_address"];
        Assert.All(Gateways, name => Assert.Equal(address, Variable(file.Services[name], "XMTPD_API_TRUSTED_PROXIES")));
        var subnet = (string)Map(Assert.IsType<List<object>>(Map(Map(file.Networks["edge"])["ipam"])["config"]).Single())["subnet"];
        Assert.True(IPNetwork.Parse(subnet).Contains(IPAddress.Parse(address)));
    }

    [Fact]
    public async Task The_key_that_pays_is_given_to_the_gateways_alone_and_Redis_password_to_those_who_use_it()
    {
        var services = (await ReadAsync()).Services;
        bool Knows(string name, char of) =>
            Map(services[name]["environment"]).Values.Any(value => $"{value}".Contains(new string(of, 64), StringComparison.Ordinal));
        Assert.Equal(Gateways, services.Keys.Where(name => Knows(name, 'a')).Order(StringComparer.Ordinal));
        Assert.Equal([.. Gateways, "redis", "watcher"], services.Keys.Where(name => Knows(name, 'b')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_gateway_that_stops_gets_no_new_call_by_the_time_that_its_ports_close()
    {
        var proxy = DeploymentFiles.Read($"{Folder}/Caddyfile.gateways");
        int Proxy(string setting) => DeploymentFiles.Seconds(Regex.Match(proxy, $@"\b{setting} (\S+)").Groups[1].Value);
        foreach (var gateway in (await ReadAsync()).Services
            .Where(service => Gateways.Contains(service.Key))
            .Select(service => service.Value))
        {
            var delay = DeploymentFiles.Seconds(Variable(gateway, "XMTPD_API_SHUTDOWN_DELAY"));
            Assert.True(delay > Proxy("health_interval") + Proxy("health_timeout"), "a health check may come too late");
            Assert.True(
                delay + DeploymentFiles.Seconds(Variable(gateway, "XMTPD_API_DRAIN_TIMEOUT"))
                    < DeploymentFiles.Seconds((string)gateway["stop_grace_period"]),
                "it is killed while it drains");
        }
    }

    [Theory, InlineData("Caddyfile", ":443"), InlineData("Caddyfile.plaintext", ":80")]
    public async Task Caddy_probes_the_readiness_of_each_gateway_and_sends_no_publish_twice(string variant, string listens)
    {
        var (exitCode, output, errors) = await DeploymentFiles.RunAsync(
            "caddy", "caddy", new Dictionary<string, string> { ["GATEWAY_HOST"] = "gateway.example.org", ["CADDY_TLS"] = "internal" },
            "adapt", "--adapter", "caddyfile", "--config", DeploymentFiles.PathOf($"{Folder}/{variant}"));
        Assert.True(exitCode == 0, errors);
        using var config = JsonDocument.Parse(output);
        Assert.Equal(
            listens,
            config.RootElement.GetProperty("apps")
                .GetProperty("http")
                .GetProperty("servers")
                .GetProperty("srv0")
                .GetProperty("listen")[0]
                .GetString());
        var proxy = Assert.Single(
            Objects(config.RootElement),
            found => found.TryGetProperty("handler", out var handler) && handler.GetString() == "reverse_proxy");
        Assert.Equal(
            Gateways.Select(name => $"{name}:5050"),
            proxy.GetProperty("upstreams").EnumerateArray().Select(upstream => upstream.GetProperty("dial").GetString()));
        Assert.Equal(
            ["h2c"], proxy.GetProperty("transport").GetProperty("versions").EnumerateArray().Select(version => version.GetString()));
        var check = proxy.GetProperty("health_checks").GetProperty("active");
        Assert.Equal(("/readyz", 5055), (check.GetProperty("uri").GetString(), check.GetProperty("port").GetInt32()));

        // Without it Caddy sends again what never had a connection, and nothing else that is a POST.
        Assert.False(proxy.GetProperty("load_balancing").TryGetProperty("retry_match", out _));
        Assert.False(proxy.GetProperty("load_balancing").TryGetProperty("retries", out _));
    }

    [Fact]
    public void The_example_of_an_env_has_every_value_that_has_to_be_there_and_no_secret()
    {
        var compose = DeploymentFiles.Read($"{Folder}/compose.yaml");
        var example = Assignment()
            .Matches(DeploymentFiles.Read($"{Folder}/.env.example"))
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        foreach (var required in Required().Matches(compose).Select(match => match.Groups[1].Value))
            Assert.Contains(required, example.Keys);
        foreach (var name in example.Keys.Where(name => name != "COMPOSE_PROJECT_NAME"))
            Assert.Contains($"${{{name}", compose, StringComparison.Ordinal);
        Assert.All(
            example.Where(
                value => value.Key.EndsWith("_URL", StringComparison.Ordinal)
                    || value.Key is "XMTPD_PAYER_PRIVATE_KEY" or "REDIS_PASSWORD"),
            secret => Assert.Empty(secret.Value));
        Assert.Contains(".env", DeploymentFiles.Read(".gitignore").Split('\n'));
    }

    private static IEnumerable<JsonElement> Objects(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Objects(property.Value)).Prepend(element),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Objects),
        _ => [],
    };

    [GeneratedRegex(@"^([A-Z_0-9]+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\$\{([A-Z_0-9]+):\?")]
    private static partial Regex Required();
}
