using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Contracts;

/// <summary>
/// The JSON that describes a deployment, as written by the contracts' own tooling. Members that the gateway does not
/// use are skipped.
/// </summary>
internal sealed partial record ContractsFile
{
    /// <summary>The chain id of the App Chain.</summary>
    public ulong AppChainId { get; init; }

    /// <summary>The block at which the App Chain's contracts were deployed.</summary>
    public ulong AppChainDeploymentBlock { get; init; }

    /// <summary>The chain id of the settlement chain.</summary>
    public ulong SettlementChainId { get; init; }

    /// <summary>The block at which the settlement chain's contracts were deployed.</summary>
    public ulong SettlementChainDeploymentBlock { get; init; }

    /// <summary>An address.</summary>
    public string? GroupMessageBroadcaster { get; init; }

    /// <summary>An address.</summary>
    public string? IdentityUpdateBroadcaster { get; init; }

    /// <summary>An address.</summary>
    public string? NodeRegistry { get; init; }

    /// <summary>An address.</summary>
    public string? RateRegistry { get; init; }

    /// <summary>An address.</summary>
    public string? PayerRegistry { get; init; }

    /// <summary>An address.</summary>
    public string? PayerReportManager { get; init; }

    /// <summary>Reads the JSON; false, with the problem, when it is invalid.</summary>
    public static bool TryParse(string json, [NotNullWhen(true)] out ContractsFile? file, out string problem)
    {
        (file, problem) = (null, "it holds no JSON object");
        try
        {
            file = JsonSerializer.Deserialize(json, Json.Default.ContractsFile);
        }
        catch (JsonException exception)
        {
            problem = $"it is not the JSON of a deployment: line {exception.LineNumber + 1}, member {exception.Path}";
        }

        return file is not null;
    }

    /// <summary>Fills the options; an unreadable address is reported as a fault that names its member.</summary>
    public void ApplyTo(ContractsOptions options, Action<string> fault)
    {
        EthereumAddress Read(string? text, string member)
        {
            if (!EthereumAddress.TryParse(text, out var address) && !string.IsNullOrEmpty(text))
                fault($"its member {member} is not an address");
            return address;
        }

        var (app, settlement) = (options.AppChain, options.SettlementChain);
        app.ChainId = AppChainId;
        app.DeploymentBlock = AppChainDeploymentBlock;
        settlement.ChainId = SettlementChainId;
        settlement.DeploymentBlock = SettlementChainDeploymentBlock;
        app.GroupMessageBroadcaster = Read(GroupMessageBroadcaster, "groupMessageBroadcaster");
        app.IdentityUpdateBroadcaster = Read(IdentityUpdateBroadcaster, "identityUpdateBroadcaster");
        settlement.NodeRegistry = Read(NodeRegistry, "nodeRegistry");
        settlement.RateRegistry = Read(RateRegistry, "rateRegistry");
        settlement.PayerRegistry = Read(PayerRegistry, "payerRegistry");
        settlement.PayerReportManager = Read(PayerReportManager, "payerReportManager");
    }

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.Strict)]
    [JsonSerializable(typeof(ContractsFile))]
    private sealed partial class Json : JsonSerializerContext;
}
