using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>Related settings: one heading of <c>--help</c> and one options class.</summary>
internal abstract class SettingGroup(string title)
{
    /// <summary>The heading of <c>--help</c>.</summary>
    public string Title => title;

    /// <summary>The rows.</summary>
    public abstract IEnumerable<Setting> Settings { get; }

    /// <summary>Registers the options class, bound to the rows and validated.</summary>
    public abstract void Register(IServiceCollection services, IConfiguration configuration);

    /// <summary>Adds other names to a row: names that only one of the programs takes.</summary>
    /// <param name="flag">The row's flag, without dashes; the group has it.</param>
    /// <param name="flags">Other flags, without dashes.</param>
    /// <param name="variables">Other variables.</param>
    public abstract void AddNames(string flag, IReadOnlyList<string> flags, IReadOnlyList<string> variables);

    /// <summary>Takes a zero of a row for no value, in only one of the programs.</summary>
    /// <param name="flag">The row's flag, without dashes; the group has it.</param>
    public abstract void TakeZeroForNone(string flag);

    /// <summary>All faults of the options, after all configuration has been applied.</summary>
    public abstract IEnumerable<string> Faults(IServiceProvider services);
}

/// <summary>Settings that fill a <typeparamref name="TOptions"/>.</summary>
internal abstract class SettingGroup<TOptions>(string title, string section) : SettingGroup(title)
    where TOptions : class, new()
{
    private readonly List<Setting<TOptions>> _settings = [];

    /// <inheritdoc/>
    public override IEnumerable<Setting> Settings => _settings;

    /// <inheritdoc/>
    public override void Register(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TOptions>().Configure(options => Fill(options, configuration, []));
        services.AddSingleton<IValidateOptions<TOptions>>(new Validation(this, configuration));
    }

    /// <inheritdoc/>
    public override void AddNames(string flag, IReadOnlyList<string> flags, IReadOnlyList<string> variables)
    {
        var at = _settings.FindIndex(row => row.Flag == flag);
        var row = _settings[at];
        _settings[at] = row with { Aliases = [.. row.Aliases, .. flags], Variables = [.. row.Variables, .. variables] };
    }

    /// <inheritdoc/>
    public override void TakeZeroForNone(string flag)
    {
        var at = _settings.FindIndex(row => row.Flag == flag);
        _settings[at] = _settings[at] with { IsZeroUnset = true };
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(IServiceProvider services)
    {
        try
        {
            _ = services.GetRequiredService<IOptions<TOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures;
        }
    }

    /// <summary>The options from configuration; an invalid value keeps its default and is reported as a fault.</summary>
    public TOptions Read(IConfiguration configuration, ICollection<string> faults)
    {
        var options = new TOptions();
        Fill(options, configuration, faults);
        return options;
    }

    /// <summary>The options from configuration, with the faults of values that cannot be read and of rules between values.</summary>
    public TOptions ReadChecked(IConfiguration configuration, ICollection<string> faults)
    {
        var options = Read(configuration, faults);
        if (faults.Count == 0) Check(options, faults);
        return options;
    }

    /// <summary>Fills the options before the rows are applied.</summary>
    protected virtual void Prepare(TOptions options, IConfiguration configuration, ICollection<string> faults)
    {
    }

    /// <summary>Fills what neither a row nor <see cref="Prepare"/> gave.</summary>
    protected virtual void Complete(TOptions options)
    {
    }

    /// <summary>Checks rules between values.</summary>
    protected virtual void Check(TOptions options, ICollection<string> faults)
    {
    }

    /// <summary>Adds a row. The default in the help text must be that of the options class.</summary>
    protected Setting<TOptions, T> Add<T>(
        string flag,
        string variable,
        string key,
        SettingType<T> kind,
        Action<TOptions, T> set,
        string? @default,
        string help,
        params string[] otherVariables)
    {
        var setting = new Setting<TOptions, T>(flag, [variable, .. otherVariables], $"{section}:{key}", @default, help, kind, set);
        _settings.Add(setting);
        return setting;
    }

    /// <summary>Replaces the last row with a changed copy.</summary>
    protected void Amend(Setting<TOptions> changed) => _settings[^1] = changed;

    /// <summary>Adds a row that command lines of the original may contain and that has no effect here.</summary>
    protected void AddWithoutEffect<T>(string flag, string variable, SettingType<T> kind, string why)
    {
        Add(flag, variable, "Unused:" + flag, kind, (_, _) => { }, null, why);
        Amend(_settings[^1] with { HasNoEffect = true });
    }

    private void Fill(TOptions options, IConfiguration configuration, ICollection<string> faults)
    {
        Prepare(options, configuration, faults);
        foreach (var setting in _settings)
        {
            if (setting.Given(configuration) is not { } text || setting.Apply(options, text) is not { } fault) continue;
            faults.Add(setting.OtherName(configuration) is { } name ? $"{fault}; it was given as {name}" : fault);
        }
        Complete(options);
    }

    private sealed class Validation(SettingGroup<TOptions> group, IConfiguration configuration) : IValidateOptions<TOptions>
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            List<string> faults = [];
            group.Read(configuration, faults);
            List<string> more = [];
            group.Check(options, more);
            faults.AddRange(more.Where(fault => !faults.Exists(unread => NameOf(unread) == NameOf(fault))).Select(WithName));
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }

        // A missing value may have been given, empty, by another name.
        private string WithName(string fault) =>
            group._settings.Find(setting => setting.Name == NameOf(fault)) is { } row
                && row.Given(configuration) is null && row.OtherName(configuration) is { } name
                    ? $"{fault}; {name} was given, and is empty"
                    : fault;

        // An unreadable value kept its default: a missing value is then not another fault of the same setting.
        private static string NameOf(string fault) => fault.Split(':', 2)[0];
    }
}
