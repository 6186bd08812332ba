using System.Globalization;
using System.Net;

namespace Xmtp.Gateway.DevNet;

/// <summary>The arguments of the program: a few of its own; all others are passed to the gateway.</summary>
internal sealed class DevNetCommandLine
{
    private readonly List<string> _faults = [];
    private readonly List<string> _passedOn = [];
    private DevNetPorts _ports = DevNetPorts.Documented;
    private readonly Dictionary<string, int> _movedPorts = [];
    private int _nodes = 2;
    private Uri? _chain;
    private string? _data;
    private DevNetPart? _only;
    private TimeSpan? _blockTime;
    private bool _mixedMining;
    private bool _enforceBalance;
    private bool _requireNodeAuth;
    private IPAddress _host = IPAddress.Loopback;

    private DevNetCommandLine()
    {
    }

    /// <summary>The network to start. Invalid when there are faults.</summary>
    public DevNetOptions Options => new()
    {
        Host = _host,
        Ports = MovedPorts(),
        Nodes = _nodes,
        Chain = _chain,
        Only = _only,
        BlockTime = _blockTime,
        MixedMining = _mixedMining,
        DataDirectory = _data,
        EnforceBalance = _enforceBalance,
        RequireNodeAuth = _requireNodeAuth,
        GatewayArguments = _passedOn,
    };

    /// <summary>The faults, one line each.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Whether <c>--help</c> was given.</summary>
    public bool Help { get; private set; }

    /// <summary>Whether <c>--version</c> was given.</summary>
    public bool Version { get; private set; }

    /// <summary>Whether <c>--scenario</c> was given.</summary>
    public bool Scenario { get; private set; }

    /// <summary>Reads the arguments.</summary>
    public static DevNetCommandLine Read(IReadOnlyList<string> args)
    {
        var line = new DevNetCommandLine();
        for (var at = 0; at < args.Count; at++) line.ReadOne(args, ref at);
        if (line._only == DevNetPart.Nodes && line._chain is null) line._faults.Add("--only nodes: --chain says where their chain is");
        if (line._only == DevNetPart.Chain && line._chain is not null)
            line._faults.Add("--only chain: --chain names one that runs already");
        if (line.Scenario && line._only is not null) line._faults.Add("--scenario: needs the whole network, without --only");
        if (line.Scenario && line._chain is not null)
            line._faults.Add("--scenario: needs the stand-in contracts, which a chain of --chain does not have");
        if (line._mixedMining && line._blockTime is null) line._faults.Add("--mixed-mining: needs a --block-time");
        if (line._chain is not null && line._blockTime is not null)
            line._faults.Add("--block-time: the chain of --chain mines as it was started");
        return line;
    }

    private void ReadOne(IReadOnlyList<string> args, ref int at)
    {
        var equals = args[at].IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? args[at] : args[at][..equals];
        switch (name)
        {
            case "--help" or "-h":
            case "help" when at == 0:
                Help = true;
                break;
            case "--version" or "-v":
                Version = true;
                break;
            case "--mixed-mining":
                _mixedMining = true;
                break;
            case "--scenario":
                Scenario = true;
                break;
            case "--enforce-balance":
                _enforceBalance = true;
                break;
            case "--require-node-auth":
                _requireNodeAuth = true;
                break;
            case "--host"
                or "--port-base"
                or "--chain-port"
                or "--node-port"
                or "--control-port"
                or "--page-port"
                or "--only"
                or "--nodes"
                or "--chain"
                or "--block-time"
                or "--data"
                or "--api.port"
                or "-p"
                or "--api.http-port"
                or "--metrics.metrics-port":
                if (equals >= 0) Take(name, args[at][(equals + 1)..]);
                else if (at + 1 < args.Count) Take(name, args[++at]);
                else _faults.Add($"{name}: a value is missing");
                break;
            default:
                _passedOn.Add(args[at]);
                break;
        }
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "--chain" when Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https":
                _chain = new Uri(value);
                break;
            case "--chain":
                _faults.Add("--chain: expected an http or https URL, such as http://127.0.0.1:8545");
                break;
            case "--only" when value is "chain" or "nodes":
                _only = value == "chain" ? DevNetPart.Chain : DevNetPart.Nodes;
                break;
            case "--only":
                _faults.Add("--only: expected chain or nodes");
                break;
            case "--host"
                when IPAddress.TryParse(value, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any):
                _host = address;
                break;
            case "--host":
                _faults.Add("--host: expected an address of this machine that clients can reach, such as 127.0.0.1");
                break;
            case "--data" when value.Length > 0:
                _data = value;
                break;
            case "--data":
                _faults.Add("--data: expected a folder");
                break;
            case "--block-time":
                if (Number(name, value, 1, 3600) is { } seconds) _blockTime = TimeSpan.FromSeconds(seconds);
                break;
            case "--nodes":
                if (Number(name, value, 1, DevNetOptions.MaxNodes) is { } count) _nodes = count;
                break;
            case "--port-base":
                // The last node of a full network has port base + 31.
                if (Number(name, value, 0, ushort.MaxValue - 12 - DevNetOptions.MaxNodes) is { } portBase)
                    _ports = DevNetPorts.From(portBase);
                break;
            default:
                var min = name is "--api.http-port" or "--page-port" ? -1 : 0;
                if (Number(name, value, min, ushort.MaxValue) is { } port) _movedPorts[name] = port;
                break;
        }
    }

    private int? Number(string name, string value, int min, int max)
    {
        if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min
            && number <= max)
        {
            return number;
        }
        _faults.Add($"{name}: expected a whole number from {min} to {max}");
        return null;
    }

    private DevNetPorts MovedPorts() => _ports with
    {
        Gateway = _movedPorts.GetValueOrDefault("--api.port", _movedPorts.GetValueOrDefault("-p", _ports.Gateway)),
        Web = _movedPorts.GetValueOrDefault("--api.http-port", _ports.Web),
        Metrics = _movedPorts.GetValueOrDefault("--metrics.metrics-port", _ports.Metrics),
        Chain = _movedPorts.GetValueOrDefault("--chain-port", _ports.Chain),
        FirstNode = _movedPorts.GetValueOrDefault("--node-port", _ports.FirstNode),
        Page = _movedPorts.GetValueOrDefault("--page-port", _ports.Page),
        Control = _movedPorts.GetValueOrDefault("--control-port", _ports.Control),
    };
}
