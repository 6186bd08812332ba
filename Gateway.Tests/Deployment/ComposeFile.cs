using YamlDotNet.Serialization;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary><c>deploy/compose/compose.yaml</c> as docker-compose understands it, with a filled-in <c>.env</c>.</summary>
internal sealed class ComposeFile
{
    public const string Folder = "deploy/compose";

    // Filled in as somebody would; none of these may be in a file.
    private static readonly Dictionary<string, string> Secrets = new()
    {
        ["XMTPD_PAYER_PRIVATE_KEY"] = new string('a', 64),
        ["REDIS_PASSWORD"] = new string('b', 64),
        ["XMTPD_APP_CHAIN_RPC_URL"] = "'https://app.example.org/key$1'",
        ["XMTPD_SETTLEMENT_CHAIN_RPC_URL"] = "'https://settlement.example.org/key#2'",
    };

    private readonly Dictionary<object, object> _model;

    private ComposeFile(Dictionary<object, object> model) => _model = model;

    public IReadOnlyDictionary<string, Dictionary<object, object>> Services =>
        Map(_model["services"]).ToDictionary(pair => (string)pair.Key, pair => Map(pair.Value));

    public Dictionary<object, object> Networks => Map(_model["networks"]);

    public static async Task<ComposeFile> ReadAsync()
    {
        var (exitCode, output, errors) = await ConfigAsync();
        Assert.True(exitCode == 0, errors);
        return new ComposeFile(new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(output));
    }

    /// <summary>What <c>docker-compose config</c> says, when one variable of <c>.env.example</c> is left empty.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> ConfigAsync(string? empty = null)
    {
        var folder = Directory.CreateTempSubdirectory("xmtp-gateway-compose-");
        try
        {
            var env = Path.Combine(folder.FullName, "env");
            await File.WriteAllLinesAsync(
                env, DeploymentFiles.Read($"{Folder}/.env.example").Split('\n').Select(line => Filled(line, empty)));
            return await DeploymentFiles.RunAsync(
                "docker-compose",
                "docker-compose",
                null,
                "--env-file",
                env,
                "--file",
                DeploymentFiles.PathOf($"{Folder}/compose.yaml"),
                "config");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static Dictionary<object, object> Map(object value) => Assert.IsType<Dictionary<object, object>>(value);

    public static IReadOnlyList<string> List(object value) => [.. Assert.IsType<List<object>>(value).Cast<string>()];

    public static string Variable(Dictionary<object, object> service, string name) => (string)Map(service["environment"])[name];

    private static string Filled(string line, string? empty)
    {
        var name = line.Split('=')[0];
        if (name == empty) return $"{name}=";
        return Secrets.TryGetValue(name, out var secret) ? $"{name}={secret}" : line;
    }
}
