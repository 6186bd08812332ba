using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>What the files of a deployment promise, as far as it can be read from them.</summary>
public partial class ImageTests
{
    [Fact]
    public void The_images_run_without_rights_check_themselves_and_open_the_documented_ports()
    {
        var dockerfile = Read("Dockerfile");
        Assert.Equal(2, Regex.Count(dockerfile, "^USER 1654$", RegexOptions.Multiline));
        Assert.Equal(2, Regex.Count(dockerfile, "^ENV .*DOTNET_EnableDiagnostics=0", RegexOptions.Multiline));
        Assert.Equal(2, Regex.Count(dockerfile, "^ARG (RUNTIME|NATIVE)_IMAGE=\\S+-chiseled$", RegexOptions.Multiline));
        Assert.Contains("EXPOSE 5050 5055 8008", dockerfile, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(dockerfile, @"HEALTHCHECK .*""healthcheck""\]"));
    }

    [Fact]
    public void The_watcher_s_checkpoints_are_in_a_volume_that_its_user_owns()
    {
        const string Folder = "/home/app/watcher-state";
        var dockerfile = Read("Dockerfile");
        Assert.Contains($"--chown=1654:1654 /out/watcher-state {Folder}\nVOLUME {Folder}\n", dockerfile, StringComparison.Ordinal);
        Assert.Contains($"XMTPD_WATCHER_STATE_FOLDER={Folder}\n", dockerfile, StringComparison.Ordinal);
        Assert.Contains(
            $"<ContainerEnvironmentVariable Include=\"XMTPD_WATCHER_STATE_FOLDER\" Value=\"{Folder}\" />",
            Read("Gateway.ChainWatcher/Gateway.ChainWatcher.csproj"),
            StringComparison.Ordinal);
    }

    [Theory, InlineData("Dockerfile", 3), InlineData("templates/xmtp-gateway/Dockerfile", 2)]
    public void Nothing_is_taken_from_a_tag_that_moves(string file, int bases)
    {
        var images = ImageArgument().Matches(Read(file));
        Assert.Equal(bases, images.Count);
        foreach (Match image in images) Assert.DoesNotMatch("(:latest|^[^:]*)$", image.Groups[1].Value);
        foreach (Match from in From().Matches(Read(file)))
            Assert.Matches(@"^(\$\{(SDK|NATIVE|RUNTIME)_IMAGE\}|source)$", from.Groups[1].Value);
        Assert.DoesNotContain("ADD ", Read(file), StringComparison.Ordinal);
    }

    [Theory, InlineData("Dockerfile"), InlineData("templates/xmtp-gateway/Dockerfile")]
    public void A_builder_without_BuildKit_can_build_the_image(string file)
    {
        foreach (var beyond in new[] { "syntax=", "--platform", "--mount", "--chmod", "--link", "BUILDPLATFORM", "<<" })
            Assert.DoesNotContain(beyond, Read(file), StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_that_the_SDK_makes_is_the_same_as_far_as_it_can_be()
    {
        var project = Read("Gateway.Api/Gateway.Api.csproj");
        foreach (var port in new[] { "5050", "5055", "8008" })
            Assert.Contains($"<ContainerPort Include=\"{port}\"", project, StringComparison.Ordinal);
        Assert.Contains("<ContainerUser>1654</ContainerUser>", project, StringComparison.Ordinal);
        Assert.Contains("<ContainerFamily>noble-chiseled</ContainerFamily>", project, StringComparison.Ordinal);
        foreach (var program in new[] { project, Read("Gateway.ChainWatcher/Gateway.ChainWatcher.csproj") })
        {
            Assert.Contains(
                "<ContainerEnvironmentVariable Include=\"DOTNET_EnableDiagnostics\" Value=\"0\" />", program, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_build_of_an_image_gets_the_sources_that_it_needs_and_no_values_file()
    {
        var rules = Read(".dockerignore").Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToList();
        Assert.Equal("*", rules[0]);
        string[] needed =
        [
            "Gateway.Api", "Gateway.Chain", "Gateway.ChainWatcher", "Gateway.Core", "Gateway.Crypto", "Gateway.Hosting",
            "Gateway.Protocol", "Gateway.ServiceDefaults", "Gateway.Transactions", "build",
        ];
        string[] files = [".editorconfig", "Directory.Build.props", "Directory.Packages.props", "global.json"];
        Assert.Equal(
            needed.Concat(files).Order(StringComparer.Ordinal),
            rules.Where(rule => rule[0] == '!').Select(rule => rule[1..]).Distinct().Order(StringComparer.Ordinal));
        var lastFolder = rules.FindLastIndex(rule => rule.StartsWith("!Gateway", StringComparison.Ordinal));
        Assert.All(
            ["**/*values*", "**/*.yaml", "**/*.env", "**/.*", "**/*.pem", "**/*.key"],
            rule => Assert.True(rules.IndexOf(rule) > lastFolder, rule));
    }

    [Theory, InlineData(".dockerignore"), InlineData("templates/xmtp-gateway/.dockerignore")]
    public void No_key_and_no_password_beside_the_sources_gets_into_an_image(string file)
    {
        var rules = Read(file).Split('\n');
        Assert.All(
            ["**/*.env", "**/*.pem", "**/*.key", "**/*.pfx", "**/*.p12", "**/*values*", "**/*secret*", "**/.*"],
            rule => Assert.Contains(rule, rules));
        Assert.Contains(rules, rule => rule.StartsWith("**/*keystore*", StringComparison.Ordinal));
        Assert.Contains(rules, rule => rule.StartsWith("**/*password*", StringComparison.Ordinal));
    }

    [Theory, InlineData(".gitignore"), InlineData("templates/xmtp-gateway/.gitignore")]
    public void What_deployments_are_filled_in_with_is_not_committed(string file)
    {
        var rules = Read(file).Split('\n');
        Assert.All(
            [".env", ".env.*", "*values*.yaml", "*.pem", "*.key", "*.p12", "*keystore*.json", "*password*.txt"],
            rule => Assert.Contains(rule, rules));
    }

    [Theory, InlineData("gateway", 5055), InlineData("watcher", 8008)]
    public void What_azd_deploys_is_probed_bounded_and_holds_no_secret(string service, int port)
    {
        var template = Read($"Gateway.AppHost/infra/{service}.tmpl.yaml");
        foreach (var probe in new[] { "Startup", "Liveness", "Readiness" })
            Assert.Contains($"- type: {probe}", template, StringComparison.Ordinal);
        Assert.Equal(3, Regex.Count(template, $@"port: {port} \}}"));
        Assert.Matches(@"minReplicas: [1-9][\s\S]*maxReplicas: [1-9]", template);
        foreach (Match secret in Secret().Matches(Secrets().Match(template).Value))
            Assert.Contains("securedParameter", secret.Groups[1].Value, StringComparison.Ordinal);
        Assert.DoesNotMatch("[0-9a-fA-F]{64}", template);
    }

    private static string Read(string path, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", path));

    [GeneratedRegex(@"^ARG \w+_IMAGE=(\S+)", RegexOptions.Multiline)]
    private static partial Regex ImageArgument();

    [GeneratedRegex(@"^FROM (?:--\S+ )?(\S+)", RegexOptions.Multiline)]
    private static partial Regex From();

    [GeneratedRegex(@"    secrets:\n[\s\S]*?\n  template:")]
    private static partial Regex Secrets();

    [GeneratedRegex(@"value: (.*)")]
    private static partial Regex Secret();
}
