using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>
/// A command line, parsed by the table of settings: <c>--name value</c>, <c>--name=value</c>, <c>-p 5050</c>, switches with or
/// without a value.
/// </summary>
internal sealed class CommandLine
{
    private readonly Dictionary<Setting, string> _values = [];
    private readonly Dictionary<Setting, string> _names = [];
    private readonly Dictionary<Setting, string> _otherNames = [];
    private readonly List<string> _faults = [];

    private CommandLine()
    {
    }

    /// <summary>
    /// The value of each flag that was given; the last one counts. An empty one overrides the variable with no value, as in the
    /// original, but not the value that another name of the setting has.
    /// </summary>
    public IReadOnlyDictionary<Setting, string> Values => _values;

    /// <summary>
    /// The faults of a command line that a host is to run with: unknown flags, missing values, words that belong to no
    /// flag, commands that the program should have run instead, two names of one setting that have different values.
    /// </summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Whether <c>--help</c> was given.</summary>
    public bool Help { get; private set; }

    /// <summary>Whether <c>--help all</c> was given.</summary>
    public bool HelpAll { get; private set; }

    /// <summary>Whether <c>--version</c> was given.</summary>
    public bool Version { get; private set; }

    /// <summary>Reads the arguments of a process, without the program name.</summary>
    public static CommandLine Read(IReadOnlyList<string> args, SettingTable table)
    {
        var line = new CommandLine();
        for (var at = 0; at < args.Count; at++) line.ReadOne(args, ref at, table);
        return line;
    }

    /// <summary>The arguments of the application: those given to <c>WebApplication.CreateBuilder(args)</c>.</summary>
    public static IReadOnlyList<string> ArgumentsOf(IConfigurationManager configuration) =>
        [.. configuration.Sources.OfType<CommandLineConfigurationSource>().LastOrDefault()?.Args ?? []];

    /// <summary>The other name, dashes included, under which a setting was given; null for none.</summary>
    public string? OtherName(Setting setting) => _otherNames.GetValueOrDefault(setting);

    /// <summary>Drops a value that was read, so that no copy of it stays here.</summary>
    public void Forget(Setting setting) => _values.Remove(setting);

    private void ReadOne(IReadOnlyList<string> args, ref int at, SettingTable table)
    {
        var (name, inline) = Split(args[at]);
        Help |= name is "--help" or "-h";
        Version |= name is "--version" or "-v";
        var runner = name switch
        {
            "--help" or "-h" or "--version" or "-v" => "XmtpGatewayCommands.Run",
            "healthcheck" when at == 0 => "XmtpGatewayCommands.Run",
            "doctor" when at == 0 => "GatewayDoctor.RunAsync",
            "payer" when at == 0 => "PayerCommand.RunAsync",
            "estimate" when at == 0 => "EstimateCommand.RunAsync",
            _ => null,
        };
        if (runner is not null)
        {
            if (name is "--help" or "-h" && at + 1 < args.Count && args[at + 1] == "all") (HelpAll, at) = (true, at + 1);
            _faults.Add($"{name}: this program has none; it has to hand its arguments to {runner}");
            return;
        }

        // A word that belongs to no flag may be a key pasted in the wrong place: it is not shown.
        if (!name.StartsWith('-')) _faults.Add($"argument {at + 1}: it belongs to no flag; flags begin with --");
        else if (table.Find(name) is not { } setting)
        {
            _faults.Add(Unknown(name, table));
            if (inline is null && at + 1 < args.Count && !LooksLikeFlag(args[at + 1], table)) at++;
        }
        else if (inline is not null) Take(setting, name, inline);
        else if (setting.IsSwitch)
        {
            Take(setting, name, at + 1 < args.Count && SettingTypes.Switch.TryParse(args[at + 1], out _) ? args[++at] : "true");
        }
        else if (at + 1 < args.Count && !LooksLikeFlag(args[at + 1], table)) Take(setting, name, args[++at]);
        else _faults.Add($"{setting.Name}: a value is missing" + (name == "--" + setting.Flag ? "" : $" after {name}"));
    }

    // The same name may be repeated; a letter is the same name as its flag.
    private void Take(Setting setting, string given, string value)
    {
        var first = "--" + setting.Flag;
        var name = given.StartsWith("--", StringComparison.Ordinal) ? given : first;
        if (_values.TryGetValue(setting, out var before) && _names[setting] != name)
        {
            if (!setting.IsGiven(value)) return;
            if (!setting.IsGiven(before)) _otherNames.Remove(setting);
            else if (!setting.AreSame(before, value)) _faults.Add(setting.Disagree(_names[setting], name));
        }

        _values[setting] = value;
        _names[setting] = name;
        if (name != first) _otherNames[setting] = name;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.StartsWith('-') ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        if (equals >= 0) return (argument[..equals], argument[(equals + 1)..]);
        var attached = argument is ['-', >= 'a' and <= 'z', not '-', ..];
        return attached ? (argument[..2], argument[2..]) : (argument, null);
    }

    // "-1" is a value, and so is a PEM, which begins with dashes; "--api.port" is not.
    private static bool LooksLikeFlag(string argument, SettingTable table) =>
        (argument.StartsWith("--", StringComparison.Ordinal) && !argument.StartsWith("-----", StringComparison.Ordinal))
            || table.Find(Split(argument).Name) is not null;

    private static string Unknown(string name, SettingTable table)
    {
        var nearest = table.Nearest(name);
        return $"{name}: there is no such flag" + (nearest is null ? "; --help lists them" : $"; did you mean --{nearest}?");
    }
}
