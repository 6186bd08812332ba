using System.Globalization;
using System.Net;

namespace Xmtp.Gateway.DevNet;

/// <summary>The arguments of the program: a few of its own, and everything else for the gateway.</summary>
internal sealed class DevNetCommandLine
{
    private readonly List<string> faults = [];
    private readonly List<string> passedOn = [];
    private DevNetPorts ports = DevNetPorts.Documented;
    private readonly Dictionary<string, int> movedPorts = [];
    private int nodes = 2;
    private Uri? chain;
    private string? data;
    private DevNetPart? only;
    private TimeSpan? blockTime;
    private bool mixedMining;
    private bool enforceBalance;
    private bool requireNodeAuth;
    private IPAddress host = IPAddress.Loopback;

    private DevNetCommandLine()
    {
    }

    /// <summary>What to start. Of no use when there are faults.</summary>
    public DevNetOptions Options => new() { Host = host, Ports = MovedPorts(), Nodes = nodes, Chain = chain, Only = only, BlockTime = blockTime, MixedMining = mixedMining, DataDirectory = data, EnforceBalance = enforceBalance, RequireNodeAuth = requireNodeAuth, GatewayArguments = passedOn };

    /// <summary>What is wrong, one line each.</summary>
    public IReadOnlyList<string> Faults => faults;

    /// <summary>Whether <c>--help</c> was asked for.</summary>
    public bool Help { get; private set; }

    /// <summary>Whether <c>--scenario</c> was asked for.</summary>
    public bool Scenario { get; private set; }

    /// <summary>Reads the arguments.</summary>
    public static DevNetCommandLine Read(IReadOnlyList<string> args)
    {
        var line = new DevNetCommandLine();
        for (var at = 0; at < args.Count; at++) line.ReadOne(args, ref at);
        if (line.only == DevNetPart.Nodes && line.chain is null) line.faults.Add("--only nodes: --chain says where their chain is");
        if (line.only == DevNetPart.Chain && line.chain is not null) line.faults.Add("--only chain: --chain names one that runs already");
        if (line.Scenario && line.only is not null) line.faults.Add("--scenario: wants the whole network, without --only");
        if (line.Scenario && line.chain is not null) line.faults.Add("--scenario: plays with the stand-in contracts, and --chain has others");
        if (line.mixedMining && line.blockTime is null) line.faults.Add("--mixed-mining: wants a --block-time");
        if (line.chain is not null && line.blockTime is not null) line.faults.Add("--block-time: the chain of --chain mines as it was started");
        return line;
    }

    private void ReadOne(IReadOnlyList<string> args, ref int at)
    {
        var equals = args[at].IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? args[at] : args[at][..equals];
        switch (name)
        {
            case "--help" or "-h":
                Help = true;
                break;
            case "--mixed-mining":
                mixedMining = true;
                break;
            case "--scenario":
                Scenario = true;
                break;
            case "--enforce-balance":
                enforceBalance = true;
                break;
            case "--require-node-auth":
                requireNodeAuth = true;
                break;
            case "--host" or "--port-base" or "--chain-port" or "--node-port" or "--control-port" or "--only" or "--nodes" or "--chain" or "--block-time" or "--data" or "--api.port" or "-p" or "--api.http-port" or "--metrics.metrics-port":
                if (equals >= 0) Take(name, args[at][(equals + 1)..]);
                else if (at + 1 < args.Count) Take(name, args[++at]);
                else faults.Add($"{name}: a value is missing");
                break;
            default:
                passedOn.Add(args[at]);
                break;
        }
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "--chain" when Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https":
                chain = new Uri(value);
                break;
            case "--chain":
                faults.Add("--chain: expected an http or https URL, such as http://127.0.0.1:8545");
                break;
            case "--only" when value is "chain" or "nodes":
                only = value == "chain" ? DevNetPart.Chain : DevNetPart.Nodes;
                break;
            case "--only":
                faults.Add("--only: expected chain or nodes");
                break;
            case "--host" when IPAddress.TryParse(value, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any):
                host = address;
                break;
            case "--host":
                faults.Add("--host: expected an address of this machine that whoever asks can reach, such as 127.0.0.1");
                break;
            case "--data" when value.Length > 0:
                data = value;
                break;
            case "--data":
                faults.Add("--data: expected a folder");
                break;
            case "--block-time":
                if (Number(name, value, 1, 3600) is { } seconds) blockTime = TimeSpan.FromSeconds(seconds);
                break;
            case "--nodes":
                if (Number(name, value, 1, DevNetOptions.MaxNodes) is { } count) nodes = count;
                break;
            case "--port-base":
                // The last node of a full network is at the base + 31.
                if (Number(name, value, 0, ushort.MaxValue - 12 - DevNetOptions.MaxNodes) is { } portBase) ports = DevNetPorts.From(portBase);
                break;
            default:
                if (Number(name, value, name == "--api.http-port" ? -1 : 0, ushort.MaxValue) is { } port) movedPorts[name] = port;
                break;
        }
    }

    private int? Number(string name, string value, int least, int most)
    {
        if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        faults.Add($"{name}: expected a whole number from {least} to {most}");
        return null;
    }

    private DevNetPorts MovedPorts() => ports with
    {
        Gateway = movedPorts.GetValueOrDefault("--api.port", movedPorts.GetValueOrDefault("-p", ports.Gateway)),
        Web = movedPorts.GetValueOrDefault("--api.http-port", ports.Web),
        Metrics = movedPorts.GetValueOrDefault("--metrics.metrics-port", ports.Metrics),
        Chain = movedPorts.GetValueOrDefault("--chain-port", ports.Chain),
        FirstNode = movedPorts.GetValueOrDefault("--node-port", ports.FirstNode),
        Control = movedPorts.GetValueOrDefault("--control-port", ports.Control),
    };
}
